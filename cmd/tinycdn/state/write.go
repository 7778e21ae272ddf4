package state

import "github.com/google/renameio/v2"

// Write puts a text at a path in the state folder, whole or not at all.
func Write(path string, text []byte) error { return renameio.WriteFile(path, text, 0o640) }
