//go:build !race

package h3

const raced = false
