package grafana_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/grafana"
)

// The tests' own executable is the Grafana that they start.
func TestMain(m *testing.M) {
	if way := os.Getenv("FAKE_GRAFANA"); way != "" {
		os.Exit(fake(way))
	}
	os.Exit(m.Run())
}

// fake is a program that is called like Grafana, and goes one of these ways.
func fake(way string) int {
	config, err := os.ReadFile(flag("--config"))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	say := func(level, logger, msg string) {
		_ = json.NewEncoder(os.Stdout).Encode(map[string]string{"level": level, "logger": logger, "msg": msg, "error": "for a reason"})
	}
	say("warn", "settings", "said while starting")
	say("error", "plugins", "something is wrong")
	say("error", "plugins", "something is wrong")
	say("error", "ngalert.notifier.email", "no mail")
	if way == "ends" {
		fmt.Println("panic: a bug")
		return 2
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/health", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"database": "ok", "version": "12.3.0"}`)
	})
	mux.HandleFunc("/api/datasources/uid/accord/health", func(w http.ResponseWriter, _ *http.Request) {
		if way == "troubled" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"status": "ERROR", "message": "no documents"}`)
			return
		}
		fmt.Fprint(w, `{"status": "OK", "message": "all is well"}`)
	})
	mux.HandleFunc("/config", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(config) })
	mux.HandleFunc("/environment", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(os.Environ())
	})
	mux.HandleFunc("/end", func(http.ResponseWriter, *http.Request) { os.Exit(3) })
	listener, err := net.Listen("tcp", "127.0.0.1:"+string(regexp.MustCompile(`http_port = (\d+)`).FindSubmatch(config)[1]))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	go func() { _ = http.Serve(listener, mux) }()
	<-interrupted.Done()
	if err := os.WriteFile(flag("--config")+".interrupted", nil, 0o600); err != nil {
		return 1
	}
	return 0
}

// flag is the value of a flag of the command line.
func flag(name string) string {
	for i, argument := range os.Args[:len(os.Args)-1] {
		if argument == name {
			return os.Args[i+1]
		}
	}
	return ""
}

// installed is the home of a Grafana that goes the way.
func installed(t *testing.T, way string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("SKIPPED: the Grafana of this test is a shell script, which needs a Unix")
	}
	self, err := os.Executable()
	require.NoError(t, err)
	home := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(home, "bin"), 0o700))
	script := fmt.Sprintf("#!/bin/sh\nFAKE_GRAFANA=%s exec %q \"$@\"\n", way, self)
	require.NoError(t, os.WriteFile(filepath.Join(home, "bin", "grafana"), []byte(script), 0o700))
	return home
}

// said collects the errors that are passed on.
type said struct {
	mu    sync.Mutex
	lines []string
}

func (s *said) take(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
}

func (s *said) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines
}

func options(t *testing.T, way string, heard *said) grafana.Options {
	t.Helper()
	return grafana.Options{Home: installed(t, way), Plugin: "/srv/dist; #1", Dir: filepath.Join(t.TempDir(), "grafana"),
		Provisioning: fstest.MapFS{"dashboards/catalog.json": {Data: []byte("{}")}},
		Definitions:  "/srv/slas", Prometheus: "http://127.0.0.1:9090", OnError: heard.take}
}

func get(t *testing.T, s *grafana.Server, path string) string {
	t.Helper()
	response, err := http.Get(s.URL + path)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(text)
}

func TestStartsAndStops(t *testing.T) {
	t.Setenv("GF_PATHS_DATA", "/var/lib/grafana") // of the user's own Grafana
	var heard said
	o := options(t, "well", &heard)
	s, err := grafana.Start(t.Context(), o)
	require.NoError(t, err)
	assert.Regexp(t, `^http://127\.0\.0\.1:30\d\d$`, s.URL)
	assert.Equal(t, "12.3.0", s.Version)
	assert.Empty(t, s.Problem)
	// Said once, and what is expected not at all.
	assert.Equal(t, []string{"something is wrong: for a reason (plugins)"}, heard.all())
	assert.FileExists(t, filepath.Join(o.Dir, "provisioning/dashboards/catalog.json"))

	config := get(t, s, "/config")
	for _, line := range []string{"data = `" + o.Dir + "/data`", "path = `/srv/dist; #1`", "definitions_root = `/srv/slas`",
		"http_addr = 127.0.0.1", "allow_loading_unsigned_plugins = accord-sla-app,accord-sla-datasource"} {
		assert.Contains(t, config, "\n"+line+"\n")
	}
	environment := get(t, s, "/environment")
	assert.Contains(t, environment, `"ACCORD_PROMETHEUS_URL=http://127.0.0.1:9090"`)
	assert.Contains(t, environment, `"GF_PATHS_PROVISIONING=`+o.Dir+`/provisioning"`)
	assert.NotContains(t, environment, "GF_PATHS_DATA")

	s.Stop()
	assert.FileExists(t, filepath.Join(o.Dir, "grafana.ini.interrupted"), "it was asked to end, not killed")
}

func TestTwoTakeTwoPorts(t *testing.T) {
	var heard said
	one, err := grafana.Start(t.Context(), options(t, "well", &heard))
	require.NoError(t, err)
	defer one.Stop()
	other, err := grafana.Start(t.Context(), options(t, "well", &heard))
	require.NoError(t, err)
	defer other.Stop()
	assert.NotEqual(t, one.URL, other.URL)
}

func TestTroubleOfTheDataSourceIsTold(t *testing.T) {
	var heard said
	s, err := grafana.Start(t.Context(), options(t, "troubled", &heard))
	require.NoError(t, err)
	defer s.Stop()
	assert.Equal(t, "no documents", s.Problem)
}

func TestOneThatEndsAtOnceLeavesItsLastWords(t *testing.T) {
	var heard said
	_, err := grafana.Start(t.Context(), options(t, "ends", &heard))
	var ended *grafana.EndedError
	require.ErrorAs(t, err, &ended)
	assert.ErrorContains(t, err, "the last it said is: panic: a bug")
	assert.Equal(t, "said while starting: for a reason (settings)", ended.Log[0])
}

func TestOneThatEndsLaterIsAnError(t *testing.T) {
	var heard said
	s, err := grafana.Start(t.Context(), options(t, "well", &heard))
	require.NoError(t, err)
	defer s.Stop()
	go func() { _, _ = http.Get(s.URL + "/end") }()
	var ended *grafana.EndedError
	require.ErrorAs(t, s.Wait(t.Context()), &ended)
}

func TestCtrlCWhileItStarts(t *testing.T) {
	var heard said
	ctx, interrupt := context.WithCancel(t.Context())
	o := options(t, "well", &heard)
	o.OnError = func(string) { interrupt() } // it speaks before it answers
	_, err := grafana.Start(ctx, o)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestWrongFoldersAreToldBeforehand(t *testing.T) {
	empty := t.TempDir()
	assert.ErrorContains(t, grafana.CheckHome(empty), "is not the home path of a Grafana: it has no bin"+string(filepath.Separator)+"grafana")
	assert.ErrorContains(t, grafana.CheckPlugin(empty), "there is no built plugin in "+empty+": run go tool mage build")
	require.NoError(t, os.WriteFile(filepath.Join(empty, "plugin.json"), []byte(`{"id": "another-app"}`), 0o600))
	assert.ErrorContains(t, grafana.CheckPlugin(empty), "is not accord-sla-app")
	require.NoError(t, os.WriteFile(filepath.Join(empty, "plugin.json"), []byte(`{"id": "accord-sla-app"}`), 0o600))
	assert.ErrorContains(t, grafana.CheckPlugin(empty), "has no datasource/gpx_accord_"+runtime.GOOS)
}
