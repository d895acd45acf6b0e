// Package freeport finds addresses for the programs that tests start.
package freeport

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"
)

// Below those that a system gives to whoever asks for any, so that none is taken
// by another test before the program listens on it.
const first, ports = 20_000, 12_000

var last atomic.Int64

func init() { last.Store(rand.Int64N(ports)) }

// Address is one that nothing listens on, and that is given once in this process.
func Address(t testing.TB) string {
	t.Helper()
	for range ports {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", first+last.Add(1)%ports))
		if err != nil {
			continue
		}
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
		return listener.Addr().String()
	}
	t.Fatal("no port is free")
	return ""
}
