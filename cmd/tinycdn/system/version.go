package system

// Version is this release's.
const Version = "0.1.0"
