package grafana

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// linesKept are the last lines of the log, to be told when Grafana ends.
const linesKept = 12

// journal reads what Grafana writes to its console.
type journal struct {
	// said hears of errors, of the same in succession once.
	said func(line string)

	mu     sync.Mutex
	rest   []byte
	last   []string
	passed string // the error that was passed on last
}

// Write takes a piece of the output.
func (j *journal) Write(piece []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.rest = append(j.rest, piece...)
	for {
		line, rest, found := bytes.Cut(j.rest, []byte("\n"))
		if !found {
			return len(piece), nil
		}
		j.take(string(bytes.TrimSpace(line)))
		j.rest = rest
	}
}

// entry is a line of Grafana's log in JSON.
type entry struct {
	Level, Logger, Msg string
	Error, Err         any
}

func (j *journal) take(line string) {
	if line == "" {
		return
	}
	var e entry
	if json.Unmarshal([]byte(line), &e) != nil || e.Msg == "" {
		j.keep(line) // a panic, or said before there is a log
		return
	}
	text := e.text()
	j.keep(text)
	if (e.Level == "error" || e.Level == "crit") && !e.expected() && text != j.passed {
		j.passed = text
		j.said(text)
	}
}

func (j *journal) keep(line string) {
	j.last = append(j.last, line)
	if len(j.last) > linesKept {
		j.last = j.last[1:]
	}
}

func (e entry) text() string {
	text := e.Msg
	for _, cause := range []any{e.Error, e.Err} {
		if words, ok := cause.(string); ok && words != "" {
			text += ": " + words
		}
	}
	return text + " (" + e.Logger + ")"
}

// expected reports whether an error says nothing new: notifications cannot be
// sent without a mail server, grafana.com is not asked, a request that failed
// is told a second time when it ends, and one of a page that was left fails.
func (e entry) expected() bool {
	return strings.HasPrefix(e.Logger, "ngalert.notifier") || e.Msg == "Proxy request failed" || e.Msg == "Request Completed" ||
		strings.Contains(e.text(), context.Canceled.Error())
}

// end are the last lines of the log.
func (j *journal) end() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.last)
}
