package editing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/editing"
)

// An approval is two lines in the text; who wrote the rest finds it as it was.
func TestAnApprovalIsTwoLinesMore(t *testing.T) {
	day := time.Date(2026, 11, 23, 22, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct{ text, approved, without string }{
		"in block style, with comments": {
			"kind: Exclusion # one\nspec:\n  # why\n  reason: upgrade\n  from: 2026-11-08\n",
			"kind: Exclusion # one\nspec:\n  # why\n  approvedBy: payments\n  approvedOn: 2026-11-23\n  reason: upgrade\n  from: 2026-11-08\n", "",
		},
		"in place of another": {
			"spec:\n  reason: upgrade\n  approvedBy: shop # once\n  approvedOn: 2026-01-01\n",
			"spec:\n  approvedBy: payments\n  approvedOn: 2026-11-23\n  reason: upgrade\n", "spec:\n  reason: upgrade\n",
		},
		"in flow style": {
			"{kind: Exclusion, spec: {reason: upgrade}}\n", "{kind: Exclusion, spec: {approvedBy: payments, approvedOn: 2026-11-23, reason: upgrade}}\n", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			approved, err := editing.Approve([]byte(c.text), "payments", day)
			require.NoError(t, err)
			assert.Equal(t, c.approved, string(approved))
			if c.without == "" {
				c.without = c.text
			}
			if name != "in flow style" { // it is written anew
				without, err := editing.WithoutApproval(approved)
				require.NoError(t, err)
				assert.Equal(t, c.without, string(without))
			}
		})
	}
	_, err := editing.Approve([]byte("kind: Exclusion\n"), "payments", day)
	assert.EqualError(t, err, "the document has no spec: write one")
}
