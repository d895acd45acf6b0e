//go:build mage

// Accord's tasks: go tool mage -l lists them.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/magefile/mage/sh"
)

// Default is what `go tool mage` does.
var Default = Build

// Build makes bin/accord.
func Build() error {
	return sh.RunV("go", "build", "-trimpath", "-o", filepath.Join("bin", "accord"), "./pkg/cmd/accord")
}

// Test runs all tests. Those that need Debian's prometheus or victoria-metrics
// are skipped where these are missing, which is said before and after: go test
// itself is silent about it.
func Test() error {
	sayMissing()
	defer sayMissing()
	return sh.RunV("go", "test", "-count=1", "-timeout=15m", "./...")
}

func sayMissing() {
	for _, program := range []string{"prometheus", "victoria-metrics"} {
		if _, err := exec.LookPath(program); err != nil {
			fmt.Printf("SKIPPED: all tests on a real %s, which is not installed; on Debian: apt-get install %[1]s\n", program)
		}
	}
}

// Lint checks formatting, go vet and staticcheck.
func Lint() error {
	unformatted, err := sh.Output("gofmt", "-l", "pkg", "provisioning", "Magefile.go")
	if err != nil {
		return err
	}
	if unformatted != "" {
		return fmt.Errorf("gofmt would change: %s", strings.ReplaceAll(unformatted, "\n", ", "))
	}
	return errors.Join(
		sh.RunV("go", "vet", "./..."),
		sh.RunV("go", "tool", "staticcheck", "./..."),
	)
}

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

// Fuzz runs each fuzz target for a minute.
func Fuzz() error {
	listed, err := sh.Output("go", "list", "./...")
	if err != nil {
		return err
	}
	for _, folder := range strings.Fields(listed) {
		targets, err := sh.Output("go", "test", "-list", "^Fuzz", folder)
		if err != nil {
			return err
		}
		for _, line := range strings.Fields(targets) {
			if !strings.HasPrefix(line, "Fuzz") {
				continue
			}
			if err := sh.RunV("go", "test", "-run=^$", "-fuzz=^"+line+"$", "-fuzztime=1m", folder); err != nil {
				return err
			}
		}
	}
	return nil
}

// Demo shows the example company on an embedded Prometheus until Ctrl-C.
func Demo() error {
	return sh.RunV("go", "run", "./pkg/cmd/accord", "demo")
}
