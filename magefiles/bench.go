//go:build mage

package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/magefile/mage/sh"
)

// Bench measures Accord beside plain PromQL on the same engine and data, and
// ends with a line for each bar: name, value, bar, ok or short.
func Bench() error {
	folder, err := os.MkdirTemp("", "accord-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	bars := filepath.Join(folder, "bars")
	err = sh.RunWithV(map[string]string{"ACCORD_BARS": bars},
		"go", "test", "-tags=bench", "-count=1", "-timeout=60m", "-v", "-run=TestBench", "./pkg/bench")
	if err != nil {
		return err
	}
	lines, err := os.ReadFile(bars)
	fmt.Printf("\nname\tvalue\tbar\t\n%s", lines)
	return err
}
