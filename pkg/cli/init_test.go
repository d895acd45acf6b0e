package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/cli"
)

// answered runs accord with what is typed.
func answered(t *testing.T, typed string, args ...string) answer {
	t.Helper()
	now, err := time.Parse(time.RFC3339, at)
	require.NoError(t, err)
	var out, errors bytes.Buffer
	code := cli.Run(t.Context(), args, cli.Streams{In: strings.NewReader(typed), Out: &out, Err: &errors, Now: func() time.Time { return now }})
	return answer{out.String(), errors.String(), code}
}

func TestInitAsksOffersWhatThereIsAndMeasuresWhatItWrote(t *testing.T) {
	c := startCompany(t)
	c.definitions = filepath.Join(t.TempDir(), "slas")
	got := answered(t, "payments-api\npayments\ncheckout\n\n\n", "init", "--prometheus", c.url, "--definitions", c.definitions)
	require.Zero(t, got.code, got.err)
	matchesGolden(t, "init.txt", answer{out: c.named(got.out), err: got.err})
	text, err := os.ReadFile(filepath.Join(c.definitions, "payments-api-for-checkout.yaml"))
	require.NoError(t, err)
	matchesGolden(t, "init.yaml", answer{out: string(text)})

	got = answered(t, "web\npayments\ncheckout\n99\n", "init", "--prometheus", c.url, "--definitions", c.definitions)
	assert.Equal(t, 2, got.code)
	assert.Regexp(t, `accord: --metric 99: the numbers are 1 to \d`, got.err)
	assert.NotContains(t, got.err, "nothing is offered")

	got = answered(t, "", "init", "--prometheus", c.url, "--definitions", c.definitions, "--service", "payments-api", "--provider", "payments", "--consumer", "search",
		"--metric", "http_requests_total", "--bad", `code="500"`, "--target", "99.5%")
	require.Zero(t, got.code, got.err)
	assert.Contains(t, got.out, "6 good documents, 0 errors", "the service and the provider were there already")
	text, err = os.ReadFile(filepath.Join(c.definitions, "payments-api-for-search.yaml"))
	require.NoError(t, err)
	assert.Contains(t, string(text), `query: 'http_requests_total{code="500"}'`)
	assert.Contains(t, string(text), "target: 0.995\n")
}

func TestInitSaysWhatIsMissingOrInTheWay(t *testing.T) {
	folders(t, map[string]string{"slas/web-for-b.yaml": aTeam})
	nowhere := []string{"init", "--prometheus", "http://127.0.0.1:1", "--service", "web", "--provider", "a"}
	got := answered(t, "", nowhere...)
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.err, "--consumer is needed: Team that the promise is given to")
	got = answered(t, "My Team\n", nowhere...)
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.err, `--consumer "My Team": a name has at most 63 lower-case letters`)
	got = answered(t, "a\nweb_requests_total\ncode=\"500\"\n", nowhere...)
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.err, "consumers: a is the provider, and cannot agree with itself")
	assert.NoFileExists(t, "slas/web-for-a.yaml")
	for target, says := range map[string]string{"99.9": "must be at most 100% (did you mean 99.9%?)", "100.1%": "must be at most 100%\n"} {
		got = answered(t, "", append(nowhere, "--target", target)...)
		assert.Equal(t, 2, got.code)
		assert.Contains(t, got.err, says)
		assert.NotContains(t, got.err, "--consumer", "it is told before anything is asked")
	}
	got = answered(t, "a-gauge\nup\njob=\"web\"\n", nowhere...)
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.err, "accord: nothing is written: bad query at 1:1: up{job=\"web\"} is a gauge, 0 or 1, whose increase counts nothing; use a threshold SLI")
	assert.NoFileExists(t, "slas/web-for-a-gauge.yaml")
	got = answered(t, "b\nweb_requests_total\ncode=\"500\"\n", nowhere...)
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.err, "slas/web-for-b.yaml is there already: change it, or name another service or consumer")
	got = answered(t, "c\nweb_requests_total\ncode=\"500\"\n", nowhere...)
	assert.Zero(t, got.code, "it is written, though there is nobody to measure it on")
	assert.Contains(t, got.err, "accord: nothing is offered or measured: ")
	assert.Equal(t, "Written: slas/web-for-c.yaml\n4 good documents, 0 errors, 0 warnings\n", got.out)
}

func TestInitAsksAgainForWhatIsWrongAndKeepsTheRest(t *testing.T) {
	c := startCompany(t)
	c.definitions = filepath.Join(t.TempDir(), "slas")
	typed := strings.Join([]string{"My Service", "payments-api", "payments", "payments", "checkout",
		"up", `job="api"`, "99", "http_requests_total{", "http_requests_total", "code=~5..", `code="500"`, ""}, "\n")
	got := answered(t, typed, "init", "--prometheus", c.url, "--definitions", c.definitions)
	require.Zero(t, got.code, got.err)
	for _, wrong := range []string{`--service "My Service": a name has`, "consumers: payments is the provider", "nothing is written: bad query",
		"--metric 99: the numbers are 1 to", "--metric http_requests_total{: ", "--bad code=~5..: "} {
		assert.Contains(t, got.err, "accord: "+wrong)
	}
	text, err := os.ReadFile(filepath.Join(c.definitions, "payments-api-for-checkout.yaml"))
	require.NoError(t, err)
	assert.Contains(t, string(text), `query: 'http_requests_total{code="500"}'`)
}

func TestARefusedInitLeavesNoFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "slas")
	got := answered(t, "", "init", "--prometheus", "http://127.0.0.1:1", "--definitions", dir,
		"--service", "web", "--provider", "a", "--consumer", "b", "--metric", "up", "--bad", `job="web"`)
	assert.Equal(t, 2, got.code)
	assert.NoDirExists(t, dir)
}
