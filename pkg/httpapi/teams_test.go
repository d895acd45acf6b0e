package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/httpapi"
)

func TestATeamSaysHowWhatItProvidesAndConsumesStands(t *testing.T) {
	handler, _ := companyAPI(t)
	page := answered[httpapi.TeamRows](t, handler, "/pages/teams?sort=provides")
	require.Len(t, page.Rows, 5)
	payments := page.Rows[0]
	assert.Equal(t, "Payments", payments.DisplayName, "who provides what is breached comes first")
	assert.Equal(t, budget.Breached, *payments.Provides.Worst)
	assert.Equal(t, 5, payments.Provides.Count)
	assert.Equal(t, "1 breached, 2 no data, 1 met, 1 not active", payments.Provides.Text)
	assert.Nil(t, payments.Consumes.Worst)
	page = answered[httpapi.TeamRows](t, handler, "/pages/teams?search=CART")
	require.Len(t, page.Rows, 1)
	assert.Equal(t, "1 breached, 1 met", page.Rows[0].Consumes.Text)
	assert.Equal(t, 5, page.All)
}

func TestAMatrixHasTheWorstStateOfEachPair(t *testing.T) {
	handler, _ := companyAPI(t)
	matrix := answered[httpapi.Matrix](t, handler, "/pages/matrix")
	require.Len(t, matrix.Rows, 1)
	var consumers []string
	for _, consumer := range matrix.Consumers {
		consumers = append(consumers, consumer.Name)
	}
	assert.Equal(t, []string{"ads", "checkout", "search", "storefront"}, consumers)
	cells := matrix.Rows[0].Cells
	assert.Equal(t, budget.Breached, *cells["checkout"].Worst)
	assert.Equal(t, budget.Met, *cells["ads"].Worst)
	assert.Equal(t, 4, cells["storefront"].Count)
	matrix = answered[httpapi.Matrix](t, handler, "/pages/matrix?consumer=ads")
	assert.Len(t, matrix.Rows[0].Cells, 1)
	assert.Len(t, matrix.Consumers, 1)
	matrix = answered[httpapi.Matrix](t, handler, "/pages/matrix?consumer=nobody")
	assert.Zero(t, matrix.Total, "who promises them nothing is no row")
	assert.Equal(t, 1, answered[httpapi.Matrix](t, handler, "/pages/matrix?consumer=").Total, "an empty value filters nothing")
}

func TestNobodySignsWhatHasEnded(t *testing.T) {
	signed := "stage: active, signatures: [{team: payments, name: Anna, on: 2026-01-01}]"
	held := strings.Replace(promise("held", "storefront", signed, easy), "from: 2026-04-03", "from: 2026-01-01, until: 2026-04-03", 1)
	handler, _ := companyAPI(t, promise("holds", "storefront", signed, easy)+held)
	var sign []string
	for _, due := range answered[httpapi.TeamPage](t, handler, "/pages/teams/storefront").Dues {
		if strings.HasPrefix(due.Text, "Sign it") {
			sign = append(sign, due.Name)
		}
	}
	assert.Equal(t, []string{"holds", "proposed"}, sign)
}

// There is one approval, and what is over or a draft does not count.
func TestATeamIsAskedToApproveWhatItCan(t *testing.T) {
	exclusion := func(name, of, approved string) string {
		return fmt.Sprintf("---\napiVersion: accord/v1\nkind: Exclusion\nmetadata: {name: %s}\nspec: {agreements: [%s], "+
			"from: 2026-05-01T01:00:00Z, to: 2026-05-01T02:00:00Z, requestedBy: payments%s}\n", name, of, approved)
	}
	handler, _ := companyAPI(t, promise("draft", "storefront", "stage: draft", easy)+promise("retired", "storefront", "stage: retired", easy)+
		exclusion("open", "met", "")+exclusion("of-no-party", "met", ", approvedBy: payments")+exclusion("approved", "met, breached", ", approvedBy: checkout")+
		exclusion("of-another", "breached, proposed", ", approvedBy: checkout")+exclusion("of-a-draft", "draft", "")+exclusion("over", "retired", ""))
	var approve []string
	for _, due := range answered[httpapi.TeamPage](t, handler, "/pages/teams/storefront").Dues {
		if due.Kind == "Exclusion" {
			approve = append(approve, due.Name)
		}
	}
	assert.Equal(t, []string{"of-no-party", "open"}, approve)
}

func TestATeamIsAnsweredWithWhatWaitsForIt(t *testing.T) {
	handler, _ := companyAPI(t)
	team := answered[httpapi.TeamPage](t, handler, "/pages/teams/storefront")
	assert.Empty(t, team.Provides)
	var consumes []string
	for _, row := range team.Consumes {
		consumes = append(consumes, row.Name)
	}
	assert.Equal(t, []string{"silent", "wrong", "met", "proposed"}, consumes)
	require.Len(t, team.Dues, 2)
	assert.Equal(t, "Sign it: it is proposed", team.Dues[0].Text, "what has no date is due now")
	assert.Nil(t, team.Dues[0].At)
	assert.Equal(t, "The met one", team.Dues[1].DisplayName)
	assert.Equal(t, "Review it with the other parties", team.Dues[1].Text)
	assert.Equal(t, "UTC", team.Dues[1].TimeZone, "the day of a review is that of the agreement")
	missing := ask(handler, http.MethodGet, "/pages/teams/storefrnt", "")
	assert.Equal(t, http.StatusNotFound, missing.Code)
	assert.Contains(t, missing.Body.String(), "did you mean storefront?")
}

func TestATeamWithErrorsIsNotSaidToBeMissing(t *testing.T) {
	handler, _ := companyAPI(t, "---\napiVersion: accord/v1\nkind: Team\nmetadata: {name: broken}\nspec: {contacts: 1}\n")
	answer := ask(handler, http.MethodGet, "/pages/teams/broken", "")
	assert.Equal(t, http.StatusConflict, answer.Code)
	assert.Contains(t, answer.Body.String(), "the team broken has errors: see it among the documents")
}

func TestATeamThatMayBeInAFileThatCannotBeReadIsNotSaidToBeMissing(t *testing.T) {
	handler, _ := companyAPI(t, "---\n[\n")
	answer := ask(handler, http.MethodGet, "/pages/teams/unknown", "")
	assert.Equal(t, http.StatusConflict, answer.Code)
	assert.Contains(t, answer.Body.String(), "the team unknown is not read, if it is in slas.yaml, which cannot be read")
}

// A matrix of 200 teams is cut: what is sent does not grow with the catalog.
func TestAMatrixOfManyTeamsIsCut(t *testing.T) {
	var text strings.Builder
	text.WriteString(company)
	for i := range 200 {
		fmt.Fprintf(&text, "---\napiVersion: accord/v1\nkind: Team\nmetadata: {name: team-%03d}\n", i)
		fmt.Fprintf(&text, `---
apiVersion: accord/v1
kind: Agreement
metadata: {name: of-%03[1]d}
spec: {service: payments-api, provider: team-%03[1]d, effective: {from: 2026-04-03}, consumers: [team-%03[2]d, checkout], stage: active, objectives: [%[3]s]}
`, i, (i+1)%200, easy)
	}
	_, o := companyAPI(t)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "slas.yaml"), []byte(text.String()), 0o600))
	read, err := catalog.Load(t.Context(), dir, catalog.Options{})
	require.NoError(t, err)
	o.Catalog = func(context.Context) (*catalog.Catalog, error) { return read, nil }
	response := ask(httpapi.New(*o), http.MethodGet, "/pages/matrix", "")
	require.Equal(t, http.StatusOK, response.Code, response.Body.String())
	assert.Less(t, response.Body.Len(), 50_000)
	matrix := answered[httpapi.Matrix](t, httpapi.New(*o), "/pages/matrix")
	assert.Equal(t, 200, matrix.Total)
	assert.Len(t, matrix.Rows, 50)
	assert.Len(t, matrix.Consumers, 30)
	assert.Equal(t, 21, matrix.MoreConsumers)
}
