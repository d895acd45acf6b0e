package cli_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWrongUsageIsToldWithWhatWasMeant(t *testing.T) {
	for args, says := range map[string]string{
		"repot":                             `there is no command "repot" (did you mean report?)`,
		"report now":                        `unexpected argument "now"`,
		"report --agrement a":               `there is no flag --agrement (did you mean --agreement?)`,
		"help reprot":                       `there is no command "reprot"`,
		"report -z":                         "there is no flag -z\n",
		"report -definitions slas":          `there is no flag -definitions (did you mean --definitions?)`,
		"report testdata":                   `unexpected argument "testdata" (did you mean --definitions testdata?)`,
		"report --at":                       `flag needs an argument: --at`,
		"report -o xml":                     `--output "xml": must be one of table, json, csv, markdown, html`,
		"validate -o html":                  `--output "html": must be one of table, json, csv`,
		"report --at yesterday":             `--at "yesterday": must be an instant such as 2026-11-23T09:00:00Z, or a date such as 2026-11-23 (midnight UTC)`,
		"report --at 2026-02-30":            `--at "2026-02-30": must be an instant`,
		"validate --alerts --no-references": `--alerts needs the targets and windows that references lead to`,
		"report --time-zone Mars":           `--time-zone "Mars": must be an IANA name, such as Europe/Berlin or UTC`,
		"report --window 0s":                `--window: a rolling window must be between 1h and 400d, got 0s`,
		"report --window 10y":               `--window: a rolling window must be between 1h and 400d, got 3650d`,
		"report --window 1m":                `between 1h and 400d, got 1m (m is minutes; a calendar month is month)`,
		"report --window month:1":           `after the colon goes how many periods back, such as month:-1`,
		"report --window fortnight":         `--window: window "fortnight": must be a duration such as 30d, or day, week, month, quarter, year, or a past period such as month:-1`,
		"report --resolution 7m":            `--resolution "7m": must be whole minutes that divide a day`,
		"validate --resolution 7m":          `--resolution "7m": must be whole minutes that divide a day`,
		"report --timeout soon":             `--timeout "soon": must be a duration such as 30s`,
		"report --timeout 0s":               `--timeout "0s": must be a duration such as 30s`,
		"report --header tenant":            `--header: must be "Name: value"`,
		"series sli --from 2026-10-01 --to 2026-10-08 --step 8d":                        "--step: 8d is longer than the 7d from --from to --to, in which there would be no point",
		"report --prometheus prometheus:9090":                                           `--prometheus: the address of Prometheus must begin with http:// or https://, not "prometheus"`,
		"report --bearer-token-file nowhere":                                            `bearer token file of the Prometheus connection: open nowhere: no such file or directory`,
		"report --agreement payments-for-chekout --definitions ../../provisioning/slas": `there is no agreement "payments-for-chekout" in ../../provisioning/slas (did you mean payments-for-checkout?)`,
		"report --objective availabilty --definitions ../../provisioning/slas":          `there is no objective "availabilty" (did you mean availability?)`,
		"gate": `name one agreement with --agreement`,
		"gate --agreement a --min-remaining 110%":              `--min-remaining: "110%" must be a share of the error budget from 0% to 100%, such as 10% or 0.1`,
		"gate --agreement a --datasource accord":               `--datasource goes with --grafana`,
		"gate --agreement a --grafana https://grafana":         `--grafana needs --datasource`,
		"report --grafana grafana:3000 --datasource accord":    `--grafana "grafana:3000": must be an address that begins with http:// or https://`,
		"report --grafana ann:secret@grafana --datasource a":   `accord: --grafana: must be an address that begins with http:// or https://`,
		"report --grafana https://grafana --datasource accord": `--grafana needs the token of a service account: set $ACCORD_GRAFANA_TOKEN`,
		"backtest --target 99.9":                               `--target "99.9": must be at most 100% (did you mean 99.9%?)`,
		"backtest --target high":                               `--target "high": must be a ratio above 0, such as 99.9% or 0.999`,
		"backtest --exclude 2026-05-01":                        `--exclude "2026-05-01": must be FROM/TO`,
		"backtest --exclude 2026-05-02/2026-05-01":             `--exclude: one ends (2026-05-01T00:00:00Z) before it begins`,
		"backtest --alert page:2%":                             `--alert "page:2%": must be SEVERITY:SHARE:LONG, such as page:2%:1h`,
		"backtest --alert mail:2%:1h":                          `--alert: severity must be page or ticket, got "mail"`,
		"backtest --alert page:2%:1m":                          `--alert: long must be between 1h and 31d, got 1m`,
		"backtest --from 2020-01-01":                           `a backtest reaches over at most 400d`,
		"backtest --window month:-1":                           `--window: a backtest looks at every window in its range, so there is no offset`,
		"statement":                                            `name a period with --period, such as --period 2026-10`,
		"statement --period october":                           `--period: period "october": must be a month such as 2026-10, a quarter 2026-Q4, a year 2026, an ISO week 2026-W44, or a day 2026-10-31`,
		"statement --period 2026-04 --reason x":                `--reason: goes with a restatement`,
		"statement --period 2026-04 --restate":                 `--reason: say why it is restated: the statement tells it to both parties`,
		"completion ksh":                                       `there is no completion for "ksh" (did you mean zsh?)`,
		"statement verify":                                     `name the file of a statement`,
		"statement verify a.json -o html":                      `--output "html": must be one of table, json`,
		"history --periods 0":                                  `--periods "0": must be a number from 1 to 400`,
		"history --periods all":                                `--periods "all": must be a number from 1 to 400`,
		"history --window 30d":                                 `--window "30d": periods are day, week, month, quarter or year`,
		"incidents --from 2026-05-05":                          `--from 2026-05-05T00:00:00Z is not before --to 2026-05-04T12:00:00Z`,
		"series":                                               `give one of compliance, budget, burnRate, sli`,
		"series burnrates":                                     `there is no series "burnrates" (did you mean burnRate?): give one of compliance, budget, burnRate, sli`,
		"series sli --step 0s":                                 `--step "0s": must be a duration such as 1h`,
		"series sli --scope all":                               `--scope "all": must be adjusted or raw`,
		"series sli":                                           `name one agreement with --agreement, and its objective with --objective`,
		"series sli --agreement payments-for-checkout --definitions ../../provisioning/slas": `payments-for-checkout has several objectives: name one with --objective: availability, latency`,
	} {
		t.Run(args, func(t *testing.T) {
			got := run(t.Context(), strings.Fields(args)...)
			assert.Equal(t, 2, got.code)
			assert.Contains(t, got.err, says)
			assert.Contains(t, got.err, "\nSee: accord")
			assert.Empty(t, got.out)
		})
	}
}

func TestAFolderThatCannotBeReadFails(t *testing.T) {
	for args, says := range map[string]string{
		"validate --definitions nowhere":       `accord: the folder of documents "nowhere" does not exist`,
		"report --definitions nowhere":         `accord: the folder of documents "nowhere" does not exist`,
		"validate --definitions root.go":       `accord: the folder of documents "root.go" is a file, not a folder`,
		"validate --definitions testdata/none": `accord: no documents (.yaml, .yml) in "testdata/none"; give their folder with --definitions`,
	} {
		t.Run(args, func(t *testing.T) {
			args := strings.ReplaceAll(args, "testdata/none", t.TempDir())
			got := run(t.Context(), strings.Fields(args)...)
			assert.Equal(t, 1, got.code)
			assert.Contains(t, got.err, strings.SplitN(says, `"testdata`, 2)[0])
			assert.Empty(t, got.out)
		})
	}
}

func TestAnEmptyFolderHasAnEmptyReportAndFails(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	dir := t.TempDir()
	got := run(t.Context(), "report", "-o", "json", "--definitions", dir, "--prometheus", server.URL)
	assert.Equal(t, 1, got.code, "most likely it is the wrong folder")
	assert.Contains(t, got.out, `"agreements": [],`)
	assert.Contains(t, got.out, `"method": null,`)
	assert.Contains(t, got.err, "accord: no agreements or SLOs in")
}

func TestTheRestIsPrintedThoughPrometheusDoesNotAnswer(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"401 Unauthorized": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"a web page came instead of JSON: page titled \"Log in \\x1b[31m\"": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html><title>Log in \x1b[31m</title>"))
		},
		"it does not answer at all": func(_ http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm() // reads the body, so that the client's leaving is noticed
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(handler)
			defer server.Close()
			c := company{url: server.URL, definitions: "../../provisioning/slas"}
			timeout := "1m" // what answers does so in time, however busy the machine is
			if name == "it does not answer at all" {
				timeout = "50ms"
			}
			got := c.asked(t, "report", "--timeout", timeout)
			assert.Equal(t, 1, got.code)
			assert.Contains(t, got.out, "not measured: Prometheus could not be asked")
			assert.Contains(t, got.out, name)
			assert.Contains(t, got.out, "a draft, which promises nothing yet; the agreement begins on 1 January 2027")
			assert.Contains(t, got.err, "objectives could not be measured")
			assert.NotContains(t, got.out+got.err, "\x1b")

			got = c.asked(t, "report", "-o", "csv", "--timeout", timeout)
			assert.Equal(t, 1, got.code)
			assert.Contains(t, got.err, name, "whoever reads figures from a file is told why on stderr")

			for _, command := range []string{"history", "incidents"} {
				got = c.asked(t, command, "--timeout", timeout)
				assert.Equal(t, 1, got.code)
				assert.Contains(t, got.err, name)
				assert.Empty(t, got.out)
			}
		})
	}
}

func TestCtrlCEndsQuietly(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		interrupt()
		<-r.Context().Done()
	}))
	defer server.Close()
	ended := make(chan answer, 1)
	go func() {
		ended <- run(ctx, "report", "--definitions", "../../provisioning/slas", "--prometheus", server.URL)
	}()
	select {
	case got := <-ended:
		assert.Equal(t, answer{code: 130}, got)
	case <-time.After(time.Minute):
		require.Fail(t, "the report goes on")
	}
}

func TestHelpOfEachCommandShowsHowItIsUsed(t *testing.T) {
	for _, command := range []string{"demo", "init", "validate", "diff", "report", "series", "history", "incidents", "backtest", "gate", "promises", "schema", "serve",
		"statement", "statement verify", "export rules", "export grafana", "export openslo"} {
		got := run(t.Context(), append(strings.Fields(command), "--help")...)
		assert.Zero(t, got.code)
		assert.Contains(t, got.out, "Usage:\n  accord "+command)
		assert.Contains(t, got.out, "Examples:\n  accord "+command)
		for line := range strings.Lines(got.out) {
			assert.LessOrEqual(t, len(strings.TrimSpace(line)), 120, "a line that does not fold: %s", line)
		}
	}
	got := run(t.Context())
	assert.Zero(t, got.code)
	assert.Contains(t, got.out, "accord demo")
	got = run(t.Context(), "--version")
	assert.Zero(t, got.code)
	assert.Regexp(t, `^accord \S+ go1\.`, got.out)
}

func TestAShellCompletesAgreementsAndTheirObjectives(t *testing.T) {
	complete := []string{"__complete", "report", "--definitions", "../../provisioning/slas", "--agreement"}
	assert.Contains(t, run(t.Context(), append(complete, "pay")...).out, "payments-for-checkout\n")
	got := run(t.Context(), append(complete, "payments-for-checkout", "--objective", "")...)
	assert.Equal(t, "availability\nlatency\n:4\n", got.out, "those of the agreement that is named")
}
