package httpapi

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/draft"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/wire"
)

var updateOpenAPI = flag.Bool("update-openapi", false, "write openapi.json anew")

// servedTypes are the Go types that paths name, and those the pages do; the
// types of their fields come by themselves.
var servedTypes = []any{
	wire.Agreement{}, AgreementList{}, AgreementStatusTab{}, AgreementHistoryTab{}, AgreementContractTab{}, Choice{}, Trends{}, wire.Backtest{}, BacktestRequest{}, Cache{}, wire.Catalog{}, Change{}, DocumentEntry{},
	EditedDocument{}, NewDocuments{}, DocumentEntries{},
	DocumentList{}, Draft{}, DraftRequest{}, Offers{}, wire.Gate{}, Health{}, planning.ObjectiveAlerts{}, Preview{}, planning.PromiseCheck{}, refused{}, wire.Report{},
	statement.Statement{}, statement.Entry{}, StatementList{}, wire.Team{}, Validation{},
	PeriodStatements{}, Checked{}, Freezing{}, Findings{},
	TeamRows{}, TeamPage{}, Matrix{}, ExclusionRows{}, Timeline{}, ExclusionPage{}, ExclusionForm{}, ExclusionDraft{},
}

// schemaNames are those of types whose own name says too little, or is that of
// another one.
var schemaNames = map[reflect.Type]string{
	reflect.TypeFor[refused]():               "Refusal",
	reflect.TypeFor[budget.Balance]():        "BalanceFigures",
	reflect.TypeFor[Checked]():               "Verification",
	reflect.TypeFor[agreement.Upstream]():    "DependsOn",
	reflect.TypeFor[planning.PromiseCheck](): "Promise",
	reflect.TypeFor[planning.Backtest]():     "BacktestSide",
	reflect.TypeFor[budget.Firing]():         "BacktestAlert",
	reflect.TypeFor[draft.Form]():            "DraftForm",
	reflect.TypeFor[draft.Matcher]():         "DraftMatcher",
	reflect.TypeFor[draft.Document]():        "DraftDocument",
	reflect.TypeFor[draft.Complaint]():       "DraftComplaint",
}

const packagePath = "github.com/accord-sla/accord/pkg"

// openapi.json is testdata/openapi.json, which people write, with a schema for
// each Go type that is served: fields, texts and values are those of the source.
func TestTheOpenAPIDocumentIsThatOfTheGoTypes(t *testing.T) {
	var document map[string]any
	written, err := os.ReadFile("testdata/openapi.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(written, &document))
	document["components"].(map[string]any)["schemas"] = reflectedSchemas(t)
	text, err := wire.JSON(document)
	require.NoError(t, err)
	text = bytes.ReplaceAll(text, []byte(`"#/$defs/`), []byte(`"#/components/schemas/`))
	var lines bytes.Buffer // a value a line but not indented: a quarter of it would be tabs, and it is part of the executable
	require.NoError(t, json.Indent(&lines, text, "", ""))
	text = lines.Bytes()
	if *updateOpenAPI {
		require.NoError(t, os.WriteFile("openapi.json", text, 0o644))
	}
	saved, err := os.ReadFile("openapi.json")
	require.NoError(t, err)
	require.True(t, bytes.Equal(saved, text), "openapi.json is not that of the Go types: go test ./pkg/httpapi -run OpenAPI -update-openapi, then npm run generate")
}

func reflectedSchemas(t *testing.T) map[string]any {
	structs, enums := map[string]reflect.Type{}, map[string][]any{}
	r := jsonschema.Reflector{Anonymous: true, ExpandedStruct: true, AllowAdditionalProperties: true, Namer: schemaName}
	for _, dir := range []string{"agreement", "budget", "catalog", "draft", "httpapi", "measure", "planning", "problem", "sli", "statement", "wire"} {
		require.NoError(t, r.AddGoComments(packagePath+"/httpapi", "../"+dir, jsonschema.WithFullComment()))
		constantsIn(t, dir, enums)
	}
	for name, comment := range r.CommentMap {
		r.CommentMap[name] = strings.ReplaceAll(comment, "\n", " ")
	}
	r.Mapper = func(of reflect.Type) *jsonschema.Schema {
		if name := schemaName(of); of.Kind() == reflect.Struct {
			require.Contains(t, []reflect.Type{nil, of}, structs[name], "two types are %s: name one of them in schemaNames", name)
			structs[name] = of
		}
		return servedAs(of, enums)
	}
	schemas := map[string]any{"Figure": &jsonschema.Schema{
		Description: `A number; null when absent; "+Inf" or "-Inf" where there is no budget to divide by.`,
		OneOf:       []*jsonschema.Schema{{Type: "number"}, {Type: "null"}, {Enum: []any{"+Inf", "-Inf"}}}}}
	for _, served := range servedTypes {
		s := r.Reflect(served)
		definitions := s.Definitions
		definitions[schemaName(reflect.TypeOf(served))] = s
		for name, definition := range definitions {
			if schemas[name] == nil {
				definition.Version, definition.Definitions = "", nil
				allowNull(definition, structs[name])
				schemas[name] = definition
			}
		}
	}
	return schemas
}

// constantsIn adds the values of each type that the package has constants of,
// in their order.
func constantsIn(t *testing.T, dir string, enums map[string][]any) {
	files, err := filepath.Glob("../" + dir + "/*.go")
	require.NoError(t, err)
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			if constant, ok := n.(*ast.ValueSpec); ok && len(constant.Values) == 1 {
				of, typed := constant.Type.(*ast.Ident)
				if value, is := constant.Values[0].(*ast.BasicLit); typed && is && value.Kind == token.STRING {
					text, err := strconv.Unquote(value.Value)
					require.NoError(t, err)
					name := path.Join(packagePath, dir) + "." + of.Name
					enums[name] = append(enums[name], text)
				}
			}
			return true
		})
	}
}

// schemaName tells the types of statements from those of figures.
func schemaName(of reflect.Type) string {
	switch name := schemaNames[of]; {
	case name != "":
		return name
	case of.PkgPath() == reflect.TypeFor[statement.Statement]().PkgPath() && !strings.HasPrefix(of.Name(), "Statement"):
		return "Statement" + of.Name()
	}
	return of.Name()
}

// servedAs describes the types that are not what their Go kind says.
func servedAs(of reflect.Type, enums map[string][]any) *jsonschema.Schema {
	figure := &jsonschema.Schema{Ref: "#/$defs/Figure"}
	two := uint64(2)
	switch of {
	case reflect.TypeFor[budget.Figure]():
		return figure
	case reflect.TypeFor[wire.BurnRates]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "object", AdditionalProperties: figure}, {Type: "null"}}}
	case reflect.TypeFor[measure.Point]():
		return &jsonschema.Schema{Type: "array", Items: figure, MinItems: &two, MaxItems: &two}
	case reflect.TypeFor[agreement.Duration](), reflect.TypeFor[wire.Window]():
		return &jsonschema.Schema{Type: "string"}
	case reflect.TypeFor[json.RawMessage]():
		return &jsonschema.Schema{}
	}
	if values := enums[of.PkgPath()+"."+of.Name()]; values != nil && of.Kind() == reflect.String {
		return &jsonschema.Schema{Type: "string", Enum: values}
	}
	return nil
}

// allowNull makes pointers that are always there nullable.
func allowNull(s *jsonschema.Schema, of reflect.Type) {
	if of == nil || s.Properties == nil {
		return
	}
	for _, field := range reflect.VisibleFields(of) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		property, ok := s.Properties.Get(name)
		if !ok || field.Type.Kind() != reflect.Pointer || strings.Contains(options, "omit") {
			continue
		}
		description := property.Description
		property.Description = ""
		s.Properties.Set(name, &jsonschema.Schema{Description: description, OneOf: []*jsonschema.Schema{property, {Type: "null"}}})
	}
}
