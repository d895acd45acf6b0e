package catalog

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/scope"
)

func TestTheDocumentsInTheManualAreRight(t *testing.T) {
	data, err := os.ReadFile("../../docs/documents.md")
	require.NoError(t, err)
	manual := string(data)
	files := map[string]string{"holidays.ics": icsHead + event("DTSTART;VALUE=DATE:20260612") + "END:VCALENDAR\r\n"}
	for i, block := range strings.Split(manual, "```yaml\n")[1:] {
		if text, _, _ := strings.Cut(block, "```"); strings.HasPrefix(text, "apiVersion") {
			files[string(rune('a'+i))+".yaml"] = text
		}
	}
	require.Len(t, files, 5, "an agreement, a calendar, an exclusion, a team")
	c := load(t, files, Options{NoReferences: true})
	require.Empty(t, lines(c))
	require.Contains(t, manual, strings.Join(scope.Countries(), ", "))
}

func TestTheAlertsInTheManualAreRight(t *testing.T) {
	manual, err := os.ReadFile("../../docs/documents.md")
	require.NoError(t, err)
	_, after, found := strings.Cut(string(manual), "```yaml\nalerts:")
	require.True(t, found)
	text, _, _ := strings.Cut(after, "```")
	files := company()
	files["agreement.yaml"] += strings.ReplaceAll("      alerts:"+text, "\n", "\n      ")
	c := load(t, files, Options{})
	require.Empty(t, lines(c))
	require.Equal(t, []agreement.AlertRule{
		{Severity: agreement.Page, Share: 0.05, Long: agreement.Duration(2 * time.Hour)}, {Severity: agreement.Page, BurnRate: 14.4, Long: agreement.Duration(time.Hour)},
	}, c.Agreements[0].Objectives[0].AlertRules())
}

func TestTheDocumentsInTheREADMEAreRight(t *testing.T) {
	data, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, after, found := strings.Cut(string(data), "\n```yaml\n")
	require.True(t, found)
	text, _, _ := strings.Cut(after, "\n```")
	c := load(t, map[string]string{"slas.yaml": text}, Options{})
	require.Empty(t, lines(c))
	require.Len(t, c.Agreements, 1)
}
