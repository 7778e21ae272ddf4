//go:build !race

package geoip

const fewer = 1
