//go:build !linux

package system

func releaseProgram() {}
