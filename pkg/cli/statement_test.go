package cli_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/cli"
)

func TestAStatementIsFrozenPrintedAndVerified(t *testing.T) {
	c := startCompany(t)
	file := filepath.Join(c.definitions, "statements", "2026-04", "payments-for-checkout.json")
	printed := c.asked(t, "statement", "--period", "2026-04", "--agreement", "payments-for-checkout", "--print", "-o", "json", "--allow-problems")
	require.Zero(t, printed.code, printed.err)
	assert.NoFileExists(t, file)

	shown := c.asked(t, "statement", "--period", "2026-04", "--agreement", "payments-for-checkout", "--allow-problems", "--print")
	assert.Contains(t, shown.out, "statement 1, printed, not frozen, on 4 May 2026 12:00 UTC by ")

	got := c.asked(t, "statement", "--period", "2026-04", "--agreement", "payments-for-checkout", "--allow-problems")
	require.Zero(t, got.code, got.err)
	matchesGolden(t, "statement.txt", got)
	kept, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(kept), printed.out, "whoever prints it has the same bytes")
	again := c.asked(t, "statement", "--period", "2026-04", "--agreement", "payments-for-checkout", "-o", "json", "--allow-problems")
	assert.Equal(t, string(kept), again.out, "what is frozen is printed as it stands")

	verified := c.asked(t, "statement", "verify", file)
	assert.Zero(t, verified.code, verified.err)
	assert.Contains(t, verified.out, "payments-for-checkout for 2026-04, statement 1, frozen on 4 May 2026 12:00 UTC: verified, with every slot counted anew\n")

	same := c.asked(t, "statement", "--period", "2026-04", "--agreement", "payments-for-checkout", "--restate", "--reason", "Late samples", "--allow-problems")
	assert.Equal(t, 1, same.code)
	assert.Contains(t, same.err, "there is nothing to restate")

	changed, err := os.ReadFile(filepath.Join(c.definitions, "company.yaml"))
	require.NoError(t, err)
	text := strings.Replace(string(changed), "target: 0.98, window", "target: 0.9999, window", 1)
	require.NoError(t, os.WriteFile(filepath.Join(c.definitions, "company.yaml"), []byte(text), 0o600))
	differs := c.asked(t, "statement", "verify", file)
	assert.Equal(t, 1, differs.code)
	matchesGolden(t, "statement-verify.txt", differs)
	restated := c.asked(t, "statement", "--period", "2026-04", "--agreement", "payments-for-checkout", "--restate", "--reason", "The target was written wrong", "--allow-problems")
	require.Zero(t, restated.code, restated.err)
	assert.Contains(t, restated.out, "statement 2")
	both := c.asked(t, "statement", "verify", file, strings.Replace(file, ".json", ".2.json", 1), "--offline", "-o", "json")
	require.Zero(t, both.code, both.err)
	var all []map[string]any
	require.NoError(t, json.Unmarshal([]byte(both.out), &all))
	assert.Len(t, all, 2)
}

func TestEveryAgreementIsStated(t *testing.T) {
	c := startCompany(t)
	got := c.asked(t, "statement", "--period", "2026-W17", "-o", "json", "--allow-problems")
	require.Zero(t, got.code, got.err)
	var all []map[string]any
	require.NoError(t, json.Unmarshal([]byte(got.out), &all))
	assert.Len(t, all, 2)
	assert.Contains(t, got.err, "there is nothing to state of refunds-for-checkout for 2026-W17: it is a draft, which promises nothing yet")
	unmeasured := c.asked(t, "statement", "--period", "2026-04", "--agreement", "payments-for-search", "--print")
	assert.Regexp(t, `^Statements of April 2026\.\n\n.*\n.* no data +99\.9% +– +– +– +0% `, unmeasured.out, "0 of 0 events are not «nothing bad»")
	same := c.asked(t, "statement", "--period", "2026-W17", "--restate", "--reason", "Late samples", "--allow-problems")
	assert.Zero(t, same.code, "what would say the same is not restated, and that is no failure unless it is named")
	assert.Contains(t, same.err, "there is nothing to restate")
	list := filepath.Join(t.TempDir(), "all.json")
	require.NoError(t, os.WriteFile(list, []byte(got.out), 0o600))
	verified := c.asked(t, "statement", "verify", list)
	assert.Zero(t, verified.code, verified.out)
}

// Nor does a period lose a statement by the deletion of its agreement.
func TestTheStatementOfAnAgreementThatIsGoneIsPrinted(t *testing.T) {
	c := startCompany(t)
	got := c.asked(t, "statement", "--period", "2026-04", "--agreement", "payments-for-checkout", "-o", "json", "--allow-problems")
	require.Zero(t, got.code, got.err)
	file := filepath.Join(c.definitions, "company.yaml")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(text), "payments-for-checkout", "payments-for-all")), 0o600))
	all := c.asked(t, "statement", "--period", "2026-04", "-o", "json", "--print", "--allow-problems")
	assert.Contains(t, all.out, strings.TrimSpace(got.out))
	assert.Contains(t, all.err, "accord: no agreement is read that is called payments-for-checkout: its statement is printed as it was frozen")
	restated := c.asked(t, "statement", "--period", "2026-04", "-o", "json", "--print", "--restate", "--reason", "Late samples", "--allow-problems")
	assert.NotContains(t, restated.out, strings.TrimSpace(got.out), "it cannot be measured again")
}

// The name is that of an SLO, too, of which there are no statements.
func TestAStatementOfAnAgreementWithTheNameOfAnSLO(t *testing.T) {
	c := startCompany(t)
	require.NoError(t, os.WriteFile(filepath.Join(c.definitions, "slo.yaml"), []byte(namesake), 0o600))
	got := c.asked(t, "statement", "--period", "2026-04", "--agreement", "payments-for-checkout", "--print", "-o", "json", "--allow-problems")
	assert.Zero(t, got.code, got.err)
	assert.Contains(t, got.out, `"agreement":"payments-for-checkout"`)
}

// One that has errors now is not read, and not gone, also without a provider that can be read.
func TestAStatementOfAnAgreementWithErrors(t *testing.T) {
	c := startCompany(t)
	got := c.asked(t, "statement", "--period", "2026-04", "--agreement", "payments-for-checkout", "--allow-problems")
	require.Zero(t, got.code, got.err)
	file := filepath.Join(c.definitions, "company.yaml")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	broken := strings.ReplaceAll(string(text), "  provider: payments\n", "  provider: []\n")
	require.NoError(t, os.WriteFile(file, []byte(broken), 0o600))
	verified := c.asked(t, "statement", "verify", filepath.Join(c.definitions, "statements", "2026-04", "payments-for-checkout.json"))
	assert.Equal(t, 1, verified.code)
	assert.Contains(t, verified.out, "  - payments-for-checkout is not read: company.yaml:")
	for _, names := range [][]string{nil, {"--agreement", "payments-for-search"}} {
		none := c.asked(t, append([]string{"statement", "--period", "2026-04"}, names...)...)
		assert.Equal(t, 1, none.code)
		assert.Contains(t, none.err, "accord: payments-for-search is not read: company.yaml:")
	}
}

// Nor is one gone whose file cannot be read, of which nobody knows what it holds.
func TestAnAgreementInAFileThatCannotBeRead(t *testing.T) {
	c := startCompany(t)
	got := c.asked(t, "statement", "--period", "2026-04", "--agreement", "payments-for-checkout", "--allow-problems")
	require.Zero(t, got.code, got.err)
	before := c.changed(t)
	file := filepath.Join(c.definitions, "company.yaml")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	torn := strings.Replace(string(text), "metadata: {name: payments-for-checkout}", "metadata: {name: payments-for-checkout", 1)
	require.NoError(t, os.WriteFile(file, []byte(torn), 0o600))

	const notRead = "not read, if it is in company.yaml, which cannot be read"
	verified := c.asked(t, "statement", "verify", filepath.Join(c.definitions, "statements", "2026-04", "payments-for-checkout.json"))
	assert.Contains(t, verified.out, "  - payments-for-checkout is "+notRead+"; so what was promised could not be compared")
	assert.Contains(t, run(t.Context(), "diff", before, c.definitions, "-o", "csv").out, `payments-for-checkout,,present,"`+notRead+`"`)
	assert.Contains(t, run(t.Context(), "diff", c.definitions, before, "-o", "csv").out, `payments-for-checkout,,"`+notRead+`",present`)
	for _, command := range []string{"gate", "report"} {
		got = c.asked(t, command, "--agreement", "payments-for-checkout")
		assert.Equal(t, 1, got.code, "no wrong usage")
		assert.Contains(t, got.err, "accord: --agreement: payments-for-checkout is "+notRead+"; no other file in ")
	}
}

func TestAReadOnlyFolderHasAWayOut(t *testing.T) {
	c := startCompany(t) // nothing is read-only for root, but a link is not written through
	require.NoError(t, os.Symlink(".", filepath.Join(c.definitions, "statements")))
	got := c.asked(t, "statement", "--period", "2026-04", "--agreement", "payments-for-checkout", "--allow-problems")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.err, "accord: statements cannot be changed here: statements is a link")
	assert.Contains(t, got.err, "; with --print it is printed, and not kept")
	assert.Empty(t, got.out)
}

func TestAFileThatIsNoStatementFails(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	c := company{url: server.URL, definitions: t.TempDir()}
	got := c.asked(t, "statement", "verify", "testdata/company.yaml")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.err, "accord: testdata/company.yaml: is no statement: it is not well-formed JSON")
	none := filepath.Join(t.TempDir(), "none.json")
	require.NoError(t, os.WriteFile(none, []byte("[]\n"), 0o600))
	got = c.asked(t, "statement", "verify", none)
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.err, "none.json: holds no statement")
	require.NoError(t, os.Truncate(none, 1<<40))
	got = c.asked(t, "statement", "verify", none)
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.err, "none.json: has more than 67108864 bytes, which is the limit", "and is not read whole")
	got = c.asked(t, "statement", "verify", "nowhere.json")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.err, "no such file")
}

func TestAFolderWithoutAgreementsHasNothingToState(t *testing.T) {
	c := company{url: "http://127.0.0.1:1", definitions: t.TempDir()}
	for documents, says := range map[string]string{"": "no agreements or SLOs in", wrongByTheData: "no agreements in"} {
		require.NoError(t, os.WriteFile(filepath.Join(c.definitions, "slas.yaml"), []byte(strings.NewReplacer("NAME", "web", "PART", "bad", "'1'", "a", "'2'", "b").Replace(documents)), 0o600))
		got := c.asked(t, "statement", "--period", "2026-04")
		assert.Equal(t, 1, got.code, documents)
		assert.Contains(t, got.err, says)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestAVerificationThatCannotBePrintedFails(t *testing.T) {
	c := startCompany(t)
	file := filepath.Join(t.TempDir(), "april.json")
	text := c.asked(t, "statement", "--period", "2026-04", "--print", "-o", "json").out
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	streams := cli.Streams{Out: full{}, Err: &bytes.Buffer{}, Now: time.Now}
	assert.Equal(t, 1, cli.Run(t.Context(), []string{"statement", "verify", file, "--offline"}, streams))
}
