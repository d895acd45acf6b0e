package datasource_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/datasource"
)

// The schema from which `npm run generate` makes the TypeScript type of the
// query. With -update it is written anew.
func TestTheSchemaOfTheQueryIsThatOfTheGoType(t *testing.T) {
	const file = "../../src/datasource/query.schema.json"
	r := jsonschema.Reflector{Anonymous: true, ExpandedStruct: true}
	require.NoError(t, r.AddGoComments("github.com/accord-sla/accord/pkg/datasource", "."))
	schema := r.Reflect(&datasource.Query{})
	schema.Title = "AccordQuery"
	queryType, _ := schema.Properties.Get("queryType")
	for _, known := range datasource.QueryTypes() {
		queryType.Enum = append(queryType.Enum, known)
	}
	text, err := json.MarshalIndent(schema, "", "  ")
	require.NoError(t, err)
	text = append(text, '\n')
	if *update {
		require.NoError(t, os.WriteFile(file, text, 0o644))
	}
	saved, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(saved), string(text), "query.schema.json is not that of the Go type: go test ./pkg/datasource -update, then npm run generate")
}
