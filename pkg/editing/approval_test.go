package editing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

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

// A value in several lines, or a key that shares its line, is no reason to lose
// a word: the text is written anew where lines alone cannot be changed.
func TestAnApprovalChangesNothingElse(t *testing.T) {
	day := time.Date(2026, 11, 23, 22, 0, 0, 0, time.UTC)
	for name, text := range map[string]string{
		"an approval in two lines, behind a word": "spec:\n  reason: upgrade\n  approvedBy:\n    shop\n  from: 1\n",
		"an approval in a block":                  "spec:\n  approvedBy: >-\n    shop\n  approvedOn: 2026-01-01\n  reason: upgrade\n  from: 1\n",
		"keys behind question marks":              "spec:\n  ? reason\n  : upgrade\n  ? from\n  : 1\n",
		"letters of several bytes":                "{metadata: {name: Größenänderung}, spec: {reason: upgrade, from: 1}}\n",
		"an approval in braces":                   "spec: {approvedBy: shop, reason: upgrade, approvedOn: 2026-01-01, from: 1}\n",
	} {
		t.Run(name, func(t *testing.T) {
			spec := map[string]any{"reason": "upgrade", "from": 1}
			without, err := editing.WithoutApproval([]byte(text))
			require.NoError(t, err)
			assert.Equal(t, spec, specIn(t, without), string(without))
			approved, err := editing.Approve([]byte(text), "on", day)
			require.NoError(t, err)
			spec["approvedBy"], spec["approvedOn"] = "on", time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
			assert.Equal(t, spec, specIn(t, approved), string(approved))
		})
	}
}

func TestAnApprovalKeepsATextThatBeginsWithWhiteSpace(t *testing.T) {
	day := time.Date(2026, 11, 23, 22, 0, 0, 0, time.UTC)
	for _, spec := range []string{
		"  reason: |2\n    \twhy\n    so\n  from: 1\n",
		"  reason: \"\\n  why\"\n",
		"  links:\n    - title: |2\n          why\n        so\n      url: x\n  reason: upgrade\n",
	} {
		approved, err := editing.Approve([]byte("spec:\n"+spec), "payments", day)
		require.NoError(t, err)
		assert.Equal(t, "spec:\n  approvedBy: payments\n  approvedOn: 2026-11-23\n"+spec, string(approved))
	}
	anew, err := editing.Approve([]byte("spec:\n  approvedBy:\n    shop\n  reason: |2\n    \twhy\n    so\n"), "payments", day)
	require.NoError(t, err)
	assert.Equal(t, "\twhy\nso\n", specIn(t, anew)["reason"], string(anew))
}

func specIn(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var document struct{ Spec map[string]any }
	require.NoError(t, yaml.Unmarshal(text, &document), string(text))
	return document.Spec
}
