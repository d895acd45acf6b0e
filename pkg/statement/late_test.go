package statement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// A statement that is frozen before the last look at late samples says until when
// they may come; that is no part of its digest.
func TestAStatementSaysThatLateSamplesMayCome(t *testing.T) {
	end := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	content := statement.Content{Agreement: "a", Number: 1,
		Period:     statement.Period{Name: "2026-10", TimeZone: "UTC", Span: wire.Span{From: end.AddDate(0, -1, 0), To: end}},
		Objectives: []statement.Objective{{Span: wire.Span{To: end.Add(time.Hour)}}}}
	late := end.Add(49 * time.Hour)
	early, err := statement.Freeze(content, statement.Frozen{At: late.Add(-time.Second)})
	require.NoError(t, err)
	assert.Equal(t, late, early.Frozen.LateUntil)
	notes := tables.StatementPage([]*statement.Statement{early}).Notes
	assert.Contains(t, notes[0], ", before the last look at late samples (3 Nov 2026 01:00 UTC)")

	after, err := statement.Freeze(content, statement.Frozen{At: late})
	require.NoError(t, err)
	assert.Zero(t, after.Frozen.LateUntil)
	assert.Equal(t, early.Digest, after.Digest)
	text, err := after.Encode()
	require.NoError(t, err)
	assert.NotContains(t, string(text), "lateUntil")
	assert.NotContains(t, tables.StatementPage([]*statement.Statement{after}).Notes[0], "late samples")
}
