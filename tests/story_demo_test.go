package tests

import "github.com/rogpeppe/go-internal/testscript"

func demoCommand(ts *testscript.TestScript, neg bool, args []string) {}
