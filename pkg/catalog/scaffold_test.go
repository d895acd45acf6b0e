package catalog_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
)

// What the forms of the Workbench begin needs no mending before it is checked
// for the first time. Its own tests see to it that these files are what it
// writes.
func TestDocumentsThatTheWorkbenchScaffoldsAreGood(t *testing.T) {
	c, err := catalog.Load(context.Background(), filepath.Join("..", "..", "testdata", "scaffold"), catalog.Options{})
	require.NoError(t, err)
	assert.Empty(t, c.Problems)
	assert.Equal(t, 8, c.Documents)
}
