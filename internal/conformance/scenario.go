// Package conformance measures the program by traffic whose truth is known:
// scenarios of generated events, the documents that promise something about
// them, and the figures that must come out. It reads scenarios, expands their
// series as a scrape would have seen them, stores them in real engines, starts
// these, and compares reports with the expected figures.
//
// It never asks a query to find out what is right; the figures are counts of
// the generated events. The rules of expansion and comparison are those of
// testdata/conformance/README.md. It is for tests only.
package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"go.yaml.in/yaml/v4"
)

const defaultResolution = 5 * time.Minute

// Scenario is one file: what was scraped, what was agreed, what must come out.
type Scenario struct {
	Name string
	Why  string
	// Start and End bound the scrapes; there is none after End.
	Start, End time.Time
	// Interval is the time between two scrapes, Resolution the slot length.
	Interval, Resolution time.Duration
	// Documents is OpenSLO v1 and accord/v1 YAML, separated by ---.
	Documents string
	Expect    []Entry

	series   []seriesSpec
	meaning  map[string]meaning
	promises promises
	text     []byte // the file, from which MovedTo2015 makes another

	written  func() (dir string, err error) // writes the series once for several engines; nil for one
	growOnce sync.Once
	expanded []Series
	growths  []grownSeries
}

// fileScenario is the file's form; every field there is must be known.
type fileScenario struct {
	Name       string             `yaml:"name"`
	Why        string             `yaml:"why"`
	Start      instant            `yaml:"start"`
	End        instant            `yaml:"end"`
	Interval   duration           `yaml:"interval"`
	Resolution duration           `yaml:"resolution"`
	Series     []seriesSpec       `yaml:"series"`
	Meaning    map[string]meaning `yaml:"meaning"`
	Documents  string             `yaml:"documents"`
	Expect     []Entry            `yaml:"expect"`
}

// Read reads one scenario file. Unknown fields are errors.
func Read(path string) (*Scenario, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read scenario: %w", err)
	}
	s, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("read scenario %s: %w", path, err)
	}
	return s, nil
}

// ReadDir reads every *.yaml of a folder, in the order of the files' names.
func ReadDir(dir string) ([]*Scenario, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("read scenarios of %s: %w", dir, err)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("read scenarios: no *.yaml in %s", dir)
	}
	slices.Sort(paths)
	scenarios := make([]*Scenario, len(paths))
	for i, path := range paths {
		if scenarios[i], err = Read(path); err != nil {
			return nil, err
		}
	}
	return scenarios, nil
}

func parse(text []byte) (*Scenario, error) {
	var file fileScenario
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return nil, err
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one YAML document")
	}
	if file.Interval <= 0 {
		return nil, errors.New("interval: must be longer than 0")
	}
	for i, spec := range file.Series {
		if err := spec.check(); err != nil {
			return nil, fmt.Errorf("series[%d]: %w", i, err)
		}
	}
	if file.Resolution == 0 {
		file.Resolution = duration(defaultResolution)
	}
	promises, err := readPromises(file.Documents)
	if err != nil {
		return nil, fmt.Errorf("documents: %w", err)
	}
	s := &Scenario{
		Name: file.Name, Why: file.Why,
		Start: time.Time(file.Start), End: time.Time(file.End),
		Interval: time.Duration(file.Interval), Resolution: time.Duration(file.Resolution),
		Documents: file.Documents, Expect: file.Expect,
		series: file.Series, meaning: file.Meaning, promises: promises,
		text: text,
	}
	for i := range s.Expect {
		s.Expect[i].scenario = s
	}
	return s, nil
}
