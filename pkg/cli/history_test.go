package cli_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestADocumentThatIsLeftOutIsNotSaidToBeNotMeasured(t *testing.T) {
	c := startCompany(t)
	for _, args := range [][]string{{"incidents"}, {"report", "-o", "json"}, {"history", "-o", "csv"}} {
		got := c.asked(t, append(args, "--agreement", "half-written")...)
		assert.Contains(t, got.err, "accord: half-written/availability: not read: company.yaml", args)
		assert.NotContains(t, got.err, "not measured", args)
	}
}
