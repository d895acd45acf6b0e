package site

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
)

func TestAPageSaysNoMoreThanIsKnown(t *testing.T) {
	a := &agreement.Agreement{Name: "a", Stage: agreement.Active, Signatures: []agreement.Signature{
		{Team: "payments"}, {Team: "checkout", Name: "Ben", On: time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)}}}
	objective := func(bad, allowed budget.Figure) objectiveView {
		status := budget.Status{Balance: budget.Balance{Total: 100, Bad: bad, Allowed: allowed}, Exhaustion: time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC)}
		return objectiveView{Result: measure.Result{Agreement: a, Objective: &agreement.Objective{Name: "o"}, Status: status}}
	}
	var text strings.Builder
	require.NoError(t, templates.ExecuteTemplate(&text, "agreement.html", page{Content: agreementPage{Agreement: a,
		Objectives: []objectiveView{objective(1, 10), objective(11, 10)}}}))
	assert.Contains(t, text.String(), "<dt>Budget lasts until</dt><dd>3 Dec 2026 09:00 UTC</dd>", "what is left")
	assert.Contains(t, text.String(), "<dt>Budget spent</dt><dd>3 Dec 2026 09:00 UTC</dd>", "what is not")
	assert.Contains(t, text.String(), "<li>payments</li><li>Ben for checkout, 31 January 2026</li>")
}
