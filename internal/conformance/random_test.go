package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/cli"
)

// The whole line and the oracle come to the same figures for scenarios that
// nobody thought of, by the samples and by the methods that know less of them.
// ACCORD_SEEDS=0-1000 tries those of other seeds.
func TestRandomScenarios(t *testing.T) {
	first, last := uint64(0), uint64(20)
	if seeds := os.Getenv("ACCORD_SEEDS"); seeds != "" {
		_, err := fmt.Sscanf(seeds, "%d-%d", &first, &last)
		require.NoError(t, err)
	}
	for seed := first; seed < last; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			text, resets := writeScenario(seed)
			s, err := parse([]byte(text))
			require.NoError(t, err, "%s", text)
			engines := []Engine{Embedded()}
			switch {
			case seed%4 == 0 && resets, seed%4 == 1:
				engines = append(engines, EmbeddedByAnchored())
			case seed%4 == 0:
				engines = append(engines, EmbeddedByOffset())
			}
			b, err := newOracleBook(s)
			require.NoError(t, err)
			for _, engine := range engines {
				t.Run(engine.Name, func(t *testing.T) { s.compareWithOracle(t, engine, rand.New(rand.NewPCG(seed, 2)), *b) })
			}
		})
	}
}

// question is one call of the report.
type question struct {
	agreement string
	at        time.Time
	window    windowSpec
}

func (s *Scenario) questions(from *rand.Rand, b *oracleBook) []question {
	var all []question
	a := &author{Rand: from, start: s.Start, end: s.End}
	for _, name := range []string{"agreement-0", "agreement-1"} {
		in := b.agreements[name].TimeZone.location()
		for i := range 5 {
			q := question{agreement: name, at: a.instant(a.edge()).Add(time.Hour)}
			switch i {
			case 0:
				q.at = s.End.Add(-time.Duration(a.IntN(2)) * 5 * time.Minute)
			case 1:
				midnight := agreement.DateOf(q.at.In(in)).Midnight(in)
				q.at = midnight.Add(pick(a, 0, 5*time.Minute, -5*time.Minute)).UTC()
			case 3:
				q.window = windowSpec{Rolling: pick(a, duration(time.Hour), duration(9*time.Hour), duration(7*24*time.Hour))}
			case 2:
				q.window = windowSpec{Calendar: pick(a, agreement.Day, agreement.Day, agreement.Week, agreement.Month, agreement.Quarter, agreement.Year), Offset: -pick(a, 0, 1, 1, 2)}
			}
			all = append(all, q)
		}
	}
	return all
}

func (s *Scenario) compareWithOracle(t *testing.T, engine Engine, from *rand.Rand, b oracleBook) {
	if b.method = engine.Method; b.method == offsetMethod {
		b.method = anchoredMethod // which it counts like where nothing restarts
	}
	definitions := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(definitions, "documents.yaml"), []byte(s.Documents), 0o600))
	url := engine.start(t, s)
	for _, q := range s.questions(from, &b) {
		window := ""
		if q.window != (windowSpec{}) {
			window = q.window.in(zone{}).String()
		}
		answer, err := askReport(url, definitions, q.at, s.Resolution, q.agreement, window)
		require.NoError(t, err)
		for _, off := range q.off(t, &b, answer) {
			t.Errorf("%s %s %s: %s", stamp(q.at), q.agreement, window, off)
		}
	}
}

func askReport(url, definitions string, at time.Time, resolution time.Duration, name, window string) ([]byte, error) {
	args := []string{"report", "-o", "json", "--prometheus", url, "--definitions", definitions, "--agreement", name,
		"--at", at.Format(time.RFC3339), "--resolution", agreement.FormatDuration(resolution)}
	if window != "" {
		args = append(args, "--window", window)
	}
	var out, errors bytes.Buffer
	dayLater := func() time.Time { return at.Add(24 * time.Hour) } // what lies years back is refused
	if code := cli.Run(context.Background(), args, cli.Streams{Out: &out, Err: &errors, Now: dayLater}); code != 0 {
		return nil, fmt.Errorf("exit code %d: %s", code, errors.String())
	}
	return out.Bytes(), nil
}

type reportedAgreement struct {
	Name       string           `json:"name"`
	State      string           `json:"state"`
	Objectives []map[string]any `json:"objectives"`
}

// off is what the answer and the oracle disagree about.
func (q question) off(t *testing.T, b *oracleBook, answer []byte) []string {
	var report struct {
		Agreements []reportedAgreement `json:"agreements"`
	}
	require.NoError(t, json.Unmarshal(answer, &report))
	at := slices.IndexFunc(report.Agreements, func(a reportedAgreement) bool { return a.Name == q.agreement })
	require.GreaterOrEqual(t, at, 0)
	var off []string
	var all []verdict
	for _, o := range b.agreements[q.agreement].Objectives {
		verdicts, err := b.verdicts(q.agreement, *o, q.window, q.at)
		require.NoError(t, err)
		reported := report.Agreements[at].of(o.Name)
		for group := range reported {
			if _, there := verdicts[group]; !there && reported[group]["state"] != "no_data" && reported[group]["state"] != "inactive" {
				off = append(off, fmt.Sprintf("%s %s: the oracle has no such group (state %v)", o.Name, group, reported[group]["state"]))
			}
		}
		if len(verdicts) == 0 {
			// A group that is not there owes nothing, and is not there.
			all = append(all, verdict{states: []string{"inactive", "no_data"}})
		}
		for group, v := range verdicts {
			all = append(all, v)
			one, there := reported[group]
			if v.states[0] == "inactive" && !there {
				continue // nobody asked which groups there are
			}
			if !there {
				off = append(off, fmt.Sprintf("%s %s: is not reported", o.Name, group))
				continue
			}
			if v.open {
				all[len(all)-1].states = []string{fmt.Sprint(one["state"])}
				continue
			}
			for _, difference := range v.differences(one, b.agreements[q.agreement]) {
				off = append(off, fmt.Sprintf("%s %s: %s", o.Name, group, difference))
			}
		}
	}
	if states := worst(all); len(off) == 0 && !slices.Contains(states, report.Agreements[at].State) {
		off = append(off, fmt.Sprintf("state: want %v, got %s", states, report.Agreements[at].State))
	}
	return off
}

// of are the objective's results by group.
func (a reportedAgreement) of(name string) map[string]map[string]any {
	all := map[string]map[string]any{}
	for _, o := range a.Objectives {
		if o["name"] != name {
			continue
		}
		group := map[string]string{}
		labels, _ := o["group"].(map[string]any)
		for label, value := range labels {
			group[label] = fmt.Sprint(value)
		}
		all[groupName(group)] = o
	}
	return all
}

// differences are those between the verdict and what is reported.
func (v verdict) differences(reported map[string]any, a *oracleAgreement) []string {
	var off []string
	if message, _ := reported["error"].(string); message != "" {
		return []string{"error: " + message}
	}
	if !slices.Contains(v.states, fmt.Sprint(reported["state"])) {
		off = append(off, fmt.Sprintf("state: want %v, got %v", v.states, reported["state"]))
	}
	if v.states[0] == "inactive" {
		if len(v.states) == 1 && reported["total"] != nil {
			off = append(off, "total: want null")
		}
		return off
	}
	if from, _ := a.effective(); from <= v.from.Unix() {
		off = append(off, compareInstant("from", v.from, reported["from"])...)
	}
	off = append(off, compareInstant("to", v.to, reported["to"])...)
	for path, want := range v.figures {
		if slices.Contains(v.leastSure, path) {
			continue
		}
		tolerated := band{}
		if want != nil {
			tolerated = exactly(*want)
		}
		off = append(off, compareFigure(path, want, tolerated, reported)...)
	}
	if at, there := reported["exhaustion"]; v.exhausted == no && at != nil || v.exhausted == yes && (!there || at == nil) {
		off = append(off, fmt.Sprintf("exhaustion: got %v, the oracle says %d", at, v.exhausted))
	}
	slices.Sort(off)
	return off
}
