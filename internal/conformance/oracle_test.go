package conformance

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The oracle comes to the figures that came with the rules, so that it may be
// asked about others; those of testdata/own are its own.
func TestOracleKnowsTheScenarios(t *testing.T) {
	given, err := ReadDir(Folder(t))
	require.NoError(t, err)
	own, err := ReadDir(OwnFolder(t))
	require.NoError(t, err)
	for _, s := range slices.Concat(given, own) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			b, err := newOracleBook(s)
			require.NoError(t, err)
			for _, e := range s.Expect {
				for _, off := range e.offTheOracle(t, b) {
					t.Errorf("%s: %s", e, off)
				}
			}
		})
	}
}

func (e Entry) offTheOracle(t *testing.T, b *oracleBook) []string {
	var all []verdict
	for _, o := range b.agreements[e.Agreement].Objectives {
		verdicts, err := b.verdicts(e.Agreement, *o, e.window, e.At)
		require.NoError(t, err)
		if o.Name == e.Objective {
			v, there := verdicts[groupName(e.Group)]
			require.True(t, there, "%s: no such group", e)
			return v.off(e)
		}
		for _, v := range verdicts {
			all = append(all, v)
		}
	}
	return verdict{states: worst(all)}.off(e)
}

func (v verdict) off(e Entry) []string {
	var off []string
	for _, state := range e.State {
		if !slices.Contains(v.states, state) && len(e.State) == 1 {
			off = append(off, "state: want "+state+", the oracle has "+v.states[0])
		}
	}
	if !e.From.IsZero() && !e.From.Equal(v.from) || !e.To.IsZero() && !e.To.Equal(v.to) {
		off = append(off, "window")
	}
	bands := e.bands(samplesMethod)
	for path, want := range e.Figures {
		if path == "exhaustion" {
			if v.exhausted == yes {
				off = append(off, "exhaustion: want null")
			}
			continue
		}
		got := v.figures[path]
		switch {
		case got == nil && want == nil:
		case got == nil, want == nil, !bands[path].contains(*got):
			off = append(off, path+": want "+written(want)+", the oracle has "+written(got))
		}
	}
	return off
}
