package catalog

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
)

var updateSchema = flag.Bool("update-schema", false, "write schema.json anew")

var schemaTypes = map[string]map[string]any{
	APIVersion: {
		"Agreement": agreementDocument{}, "Calendar": calendarDocument{}, "Exclusion": exclusionDocument{}, "Team": teamDocument{},
	},
	openslo.V1: {
		"AlertCondition": openslo.AlertCondition{}, "AlertNotificationTarget": openslo.AlertNotificationTarget{},
		"AlertPolicy": openslo.AlertPolicy{}, "DataSource": openslo.DataSource{}, "Service": openslo.Service{},
		"SLI": openslo.SLI{}, "SLO": openslo.SLO{},
	},
}

func TestTheSchemaIsThatOfTheGoTypes(t *testing.T) {
	text, err := json.MarshalIndent(reflectedSchema(), "", "  ")
	require.NoError(t, err)
	text = append(text, '\n')
	if *updateSchema {
		require.NoError(t, os.WriteFile("schema.json", text, 0o644))
	}
	saved, err := os.ReadFile("schema.json")
	require.NoError(t, err)
	require.True(t, bytes.Equal(saved, text), "schema.json is not that of the Go types: go test ./pkg/catalog -run Schema -update-schema")
}

// reflectedSchema has a definition for each kind; apiVersion and kind choose
// among them.
func reflectedSchema() any {
	r := jsonschema.Reflector{
		FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, ExpandedStruct: true, Anonymous: true,
		Mapper: special, Namer: definitionName,
	}
	definitions, choices, kinds := map[string]any{}, []any{}, []string{}
	for _, version := range []string{APIVersion, openslo.V1} {
		for _, kind := range sortedKeys(schemaTypes[version]) {
			s := r.Reflect(schemaTypes[version][kind])
			for name, part := range s.Definitions {
				definitions[name] = part
			}
			s.Version, s.Definitions = "", nil
			s.Required = []string{"apiVersion", "kind", "metadata", "spec"}
			set := func(field string, value any) { p, _ := s.Properties.Get(field); p.Const = value }
			set("apiVersion", version)
			set("kind", kind)
			definitions[kind] = s
			kinds = append(kinds, kind)
			choices = append(choices, map[string]any{
				"if":   map[string]any{"properties": map[string]any{"kind": map[string]any{"const": kind}}, "required": []string{"kind"}},
				"then": map[string]any{"$ref": "#/$defs/" + kind},
			})
		}
	}
	definitions["document"] = map[string]any{
		"type": "object", "required": []string{"apiVersion", "kind", "metadata"},
		"properties": map[string]any{
			"apiVersion": map[string]any{"enum": []string{APIVersion, openslo.V1}},
			"kind":       map[string]any{"enum": kinds},
		},
		"allOf": choices,
	}
	one := map[string]any{"$ref": "#/$defs/document"}
	return map[string]any{
		"$schema": jsonschema.Version, "title": "Documents of Accord and OpenSLO",
		"if": map[string]any{"type": "array"}, "then": map[string]any{"items": one}, "else": one,
		"$defs": definitions,
	}
}

// definitionName tells the types of the two vocabularies, and both from kinds,
// apart.
func definitionName(t reflect.Type) string {
	if t.Name() == "" {
		return ""
	}
	return filepath.Base(t.PkgPath()) + "." + t.Name()
}

// special describes the types that are not what their Go kind says.
func special(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[document.Labels]():
		return &jsonschema.Schema{Type: "object", AdditionalProperties: &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Type: "string"}, {Type: "array", Items: &jsonschema.Schema{Type: "string"}}}}}
	case reflect.TypeFor[document.Scalar]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "string"}, {Type: "number"}}}
	case reflect.TypeFor[document.Raw](), reflect.TypeFor[document.Anything]():
		return &jsonschema.Schema{}
	}
	return nil
}

func compiledSchema(t *testing.T) *validator.Schema {
	t.Helper()
	schema, err := validator.UnmarshalJSON(bytes.NewReader(Schema))
	require.NoError(t, err)
	compiler := validator.NewCompiler()
	require.NoError(t, compiler.AddResource("schema.json", schema))
	return compiler.MustCompile("schema.json")
}

// asJSON is YAML as a JSON validator sees it; dates in YAML are texts there.
func asJSON(t *testing.T, text []byte) []any {
	t.Helper()
	var all []any
	for _, part := range strings.Split("\n"+string(text), "\n---") {
		var node yaml.Node
		require.NoError(t, yaml.Unmarshal([]byte(part), &node))
		if len(node.Content) == 0 {
			continue
		}
		textual(&node)
		var value any
		require.NoError(t, node.Decode(&value))
		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		value, err = validator.UnmarshalJSON(bytes.NewReader(encoded))
		require.NoError(t, err)
		all = append(all, value)
	}
	return all
}

func textual(node *yaml.Node) {
	if node.Tag == "!!timestamp" {
		node.Tag = "!!str"
	}
	for _, child := range node.Content {
		textual(child)
	}
}

func TestTheExampleCompanyFitsTheSchema(t *testing.T) {
	schema, documents := compiledSchema(t), 0
	require.NoError(t, filepath.WalkDir("../../provisioning/slas", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		for _, value := range asJSON(t, text) {
			documents++
			require.NoError(t, schema.Validate(value), path)
		}
		return err
	}))
	require.Greater(t, documents, 40)
}

func TestTheSchemaRefuses(t *testing.T) {
	schema := compiledSchema(t)
	const team = "apiVersion: accord/v1\nkind: Team\nmetadata: {name: a}\nspec: {members: [x]}\n"
	require.NoError(t, schema.Validate(asJSON(t, []byte(team))[0]))
	for what, text := range map[string]string{
		"an unknown field":         strings.Replace(team, "members", "member", 1),
		"an unknown kind":          strings.Replace(team, "Team", "Teem", 1),
		"a wrong type":             strings.Replace(team, "[x]", "x", 1),
		"another vocabulary":       strings.Replace(team, "accord/v1", "openslo/v1", 1),
		"a word that is not known": "apiVersion: accord/v1\nkind: Exclusion\nmetadata: {name: a}\nspec: {mode: ignore}\n",
		"a target in percent":      "apiVersion: accord/v1\nkind: Agreement\nmetadata: {name: a}\nspec: {objectives: [{target: 99.9}]}\n",
	} {
		require.Error(t, schema.Validate(asJSON(t, []byte(text))[0]), what)
	}
}
