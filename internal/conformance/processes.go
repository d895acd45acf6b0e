package conformance

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/freeport"
)

// How long an engine may take to come up, and to end once it is told to.
const (
	startTimeout = time.Minute
	stopTimeout  = 10 * time.Second
	askAgain     = 20 * time.Millisecond
)

// StartDebianPrometheus serves the TSDB folder with the machine's own
// prometheus until the test ends, and returns its URL. Without the program the
// test is skipped, saying what to install.
func StartDebianPrometheus(t testing.TB, dir string) (url string) {
	t.Helper()
	return startDebianPrometheus(t, dir, "global: {}\n")
}

func startDebianPrometheus(t testing.TB, dir, configuration string) (url string) {
	t.Helper()
	program := programOrSkip(t, "prometheus", "/usr/bin/prometheus", "prometheus")
	config := filepath.Join(t.TempDir(), "prometheus.yml")
	require.NoError(t, os.WriteFile(config, []byte(configuration), 0o600))
	address := freeport.Address(t)
	start(t, "http://"+address+"/-/ready", program,
		"--config.file="+config,
		"--storage.tsdb.path="+dir,
		"--storage.tsdb.retention.time=100y",
		// It would otherwise rewrite the blocks behind the test's back.
		"--storage.tsdb.min-block-duration=2h",
		"--storage.tsdb.max-block-duration=2h",
		"--web.listen-address="+address)
	return "http://" + address
}

// programOrSkip is the first of the names that is there.
func programOrSkip(t testing.TB, debianPackage string, names ...string) (path string) {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skipf("SKIPPED, NOTHING WAS TESTED: %s is not installed (`apt-get install %s`)",
		strings.Join(names, " or "), debianPackage)
	return ""
}

// start runs a program until the test ends and returns once it answers at the
// ready URL. Neither program says in its log when it can be asked, so it is
// asked until it can.
func start(t testing.TB, ready, program string, arguments ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, program, arguments...)
	// Killed, not asked to end: what it stored goes with the test, and
	// victoria-metrics waits five seconds for connections that nobody uses.
	command.WaitDelay = stopTimeout
	command.Dir = t.TempDir()
	var log bytes.Buffer
	command.Stdout, command.Stderr = &log, &log
	require.NoError(t, command.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = command.Wait() // its exit code once it is killed means nothing
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})

	again := time.NewTicker(askAgain)
	defer again.Stop()
	tooLate := time.After(startTimeout)
	for !answers(ready) {
		select {
		case <-again.C:
		case <-ended:
			t.Fatalf("%s ended before it was ready:\n%s", program, log.String())
		case <-tooLate:
			t.Fatalf("%s was not ready after %s", program, startTimeout)
		}
	}
}

func answers(url string) bool {
	response, err := http.Get(url)
	if err != nil {
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}
