package demo

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/catalog"
)

const documents = "../../provisioning/slas"

// matching are the series that a selector finds. A whole bound matches in
// either spelling, le="1" and le="1.0", as the program reads it.
func matching(t *testing.T, selector string) []*metric {
	t.Helper()
	matchers, err := parser.NewParser(parser.Options{}).ParseMetricSelector(selector)
	require.NoError(t, err, selector)
	var found []*metric
	for _, m := range metrics() {
		if matchesAll(m, matchers) {
			found = append(found, m)
		}
	}
	return found
}

func matchesAll(m *metric, matchers []*labels.Matcher) bool {
	for _, matcher := range matchers {
		value := m.labels.Get(matcher.Name)
		if !matcher.Matches(value) && !(matcher.Name == labels.BucketLabel && matcher.Matches(strings.TrimSuffix(value, ".0"))) {
			return false
		}
	}
	return true
}

// read are the documents of the example company, as plain maps.
func read(t *testing.T) []map[string]any {
	t.Helper()
	var all []map[string]any
	err := filepath.WalkDir(documents, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		for decoder := yaml.NewDecoder(file); ; {
			var content any
			switch err := decoder.Decode(&content); {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return err
			}
			list, isList := content.([]any)
			if !isList {
				list = []any{content}
			}
			for _, document := range list {
				all = append(all, document.(map[string]any))
			}
		}
	})
	require.NoError(t, err)
	return all
}

// selectors are all that an SLI somewhere below the node counts, by the
// source that it names.
func selectors(t *testing.T, node any) []string {
	t.Helper()
	var found []string
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			found = append(found, selectors(t, child)...)
		}
	case map[string]any:
		if source, ok := node["metricSource"].(map[string]any); ok {
			return selectorsOf(t, source)
		}
		for _, child := range node {
			found = append(found, selectors(t, child)...)
		}
	}
	return found
}

// A window that the documents leave open, as Sloth and Grafana write it.
var openWindow = regexp.MustCompile(`\[(\{\{\.window}}|\$\w+)]`)

func selectorsOf(t *testing.T, source map[string]any) []string {
	t.Helper()
	if source["metricSourceRef"] == "mobile-datadog" {
		return nil
	}
	spec := source["spec"].(map[string]any)
	if histogram, ok := spec["histogram"].(string); ok {
		return []string{histogram}
	}
	query := openWindow.ReplaceAllString(spec["query"].(string), "[5m]")
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	require.NoError(t, err, query)
	var found []string
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			found = append(found, selector.String())
		}
		return nil
	})
	return found
}

func TestTheDocumentsAreSound(t *testing.T) {
	loaded, err := catalog.Load(t.Context(), documents, catalog.Options{})
	require.NoError(t, err)
	var problems []string
	for _, problem := range loaded.Problems {
		problems = append(problems, problem.String())
	}
	assert.False(t, loaded.HasErrors(), "%v", problems)
	require.Len(t, problems, 2, "only those that show what an unapproved exclusion looks like")
	assert.Contains(t, problems[0], "ci-image-rebuild")
	assert.Contains(t, problems[1], "cdn-cache-purge")
	assert.GreaterOrEqual(t, len(loaded.Agreements), 14)
}

func TestEverySeriesThatTheDocumentsCountIsThere(t *testing.T) {
	count := 0
	for _, document := range read(t) {
		for _, selector := range selectors(t, document) {
			count++
			assert.NotEmpty(t, matching(t, selector), "%v %v counts %s, which no series matches",
				document["kind"], document["metadata"], selector)
		}
	}
	assert.Greater(t, count, 45)
}

// Only one agreement selects traffic that is not there, and on purpose.
func TestSelectedTrafficIsThere(t *testing.T) {
	slos, slis := map[string]any{}, map[string]any{}
	for _, document := range read(t) {
		name := document["metadata"].(map[string]any)["name"].(string)
		switch document["kind"] {
		case "SLO":
			slos[name] = document["spec"]
		case "SLI":
			slis[name] = document["spec"]
		}
	}
	var without []string
	for _, document := range read(t) {
		if document["kind"] != "Agreement" {
			continue
		}
		for _, o := range document["spec"].(map[string]any)["objectives"].([]any) {
			objective := o.(map[string]any)
			narrowed, ok := objective["select"].(map[string]any)
			if !ok {
				continue
			}
			slo := slos[objective["slo"].(string)].(map[string]any)
			indicator := any(slo)
			if ref, ok := slo["indicatorRef"].(string); ok {
				indicator = slis[ref]
			}
			for _, selector := range selectors(t, indicator) {
				if !anyWith(matching(t, selector), narrowed) {
					without = append(without, document["metadata"].(map[string]any)["name"].(string))
				}
			}
		}
	}
	assert.Subset(t, []string{"payments-for-fulfilment"}, without)
	assert.NotEmpty(t, without)
}

func anyWith(series []*metric, narrowed map[string]any) bool {
	for _, m := range series {
		all := true
		for name, value := range narrowed {
			all = all && m.labels.Get(name) == value
		}
		if all {
			return true
		}
	}
	return false
}

func TestAlertsNameAServiceOfTheDocuments(t *testing.T) {
	services := map[string]bool{}
	for _, document := range read(t) {
		if document["kind"] == "Service" {
			services[document["metadata"].(map[string]any)["name"].(string)] = true
		}
	}
	for _, m := range matching(t, "ALERTS") {
		assert.True(t, services[m.labels.Get("service")], m.labels.String())
	}
}
