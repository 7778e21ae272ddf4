// A function without a body, which quicgoaway.go has, is allowed where there is a file like this one.
