//go:build mage

package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/magefile/mage/mg"
	"github.com/magefile/mage/sh"
)

// Test runs all tests: of the frontend, in a browser, and of Go. Those that need a program
// which is missing are skipped, which is said before and after: go test itself
// is silent about it.
func Test() error {
	sayMissing()
	defer sayMissing()
	if has("npm") {
		mg.Deps(frontend)
		if err := npm("run", "test"); err != nil {
			return err
		}
		if err := npm("run", "test:bundles"); err != nil {
			return err
		}
		if err := npm("run", "test:browser"); err != nil {
			return err
		}
	}
	return sh.RunV("go", "test", "-count=1", "-timeout=15m", "./...")
}

func sayMissing() {
	for _, program := range []string{"prometheus", "victoria-metrics"} {
		if !has(program) {
			fmt.Printf("SKIPPED: all tests on a real %s, which is not installed; on Debian: apt-get install %[1]s\n", program)
		}
	}
	if !has("npm") {
		fmt.Println("SKIPPED: all tests of the frontend, which need Node 20 or later with npm")
	}
}

func has(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// Lint checks formatting and types, go vet, staticcheck and eslint.
func Lint() error {
	unformatted, err := sh.Output("gofmt", "-l", "pkg", "internal", "provisioning", "magefiles")
	if err != nil {
		return err
	}
	if unformatted != "" {
		return fmt.Errorf("gofmt would change: %s", strings.ReplaceAll(unformatted, "\n", ", "))
	}
	mg.Deps(modules)
	return errors.Join(
		sh.RunV("go", "vet", "-tags=bench", "./..."),
		sh.RunV("go", "tool", "staticcheck", "./..."),
		npm("run", "lint"),
		npm("run", "typecheck"),
	)
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
