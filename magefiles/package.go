//go:build mage

package main

import (
	"archive/zip"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/magefile/mage/mg"
	"github.com/magefile/mage/sh"
)

const pluginID = "accord-sla-app"

var platforms = []struct{ system, architecture string }{
	{"linux", "amd64"}, {"linux", "arm64"}, {"linux", "arm"},
	{"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"},
}

// Package makes bin/accord-sla-app-VERSION.zip for six platforms, with a
// SHA-256 checksum of the zip and of each file in it beside it.
func Package() error {
	version, err := version()
	if err != nil {
		return err
	}
	if err := sh.Rm("dist"); err != nil {
		return err
	}
	mg.Deps(frontend)
	for _, p := range platforms {
		fmt.Printf("building for %s/%s\n", p.system, p.architecture)
		if err := backend(p.system, p.architecture); err != nil {
			return err
		}
	}
	if err := os.MkdirAll("bin", 0o755); err != nil {
		return err
	}
	archive := filepath.Join("bin", fmt.Sprintf("%s-%s.zip", pluginID, version))
	sums, err := zipFolder(archive, "dist")
	if err != nil {
		return err
	}
	whole, err := checksum(os.DirFS("."), filepath.ToSlash(archive))
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s  %s\n%s", whole, filepath.Base(archive), sums)
	fmt.Println(archive)
	return os.WriteFile(archive+".sha256", []byte(text), 0o644)
}

// zipFolder packs the files under the folder as Grafana unpacks a plugin: all
// under the plugin's id, executables executable. The answer is a line with the
// checksum and name of each.
func zipFolder(archive, folder string) (sums string, err error) {
	file, err := os.Create(archive)
	if err != nil {
		return "", err
	}
	defer file.Close()
	packed := zip.NewWriter(file)
	files := os.DirFS(folder)
	var lines strings.Builder
	err = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		sum, err := checksum(files, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%s  %s\n", sum, path.Join(pluginID, name))
		return zipFile(packed, files, name)
	})
	if err != nil {
		return "", err
	}
	return lines.String(), packed.Close()
}

func zipFile(packed *zip.Writer, files fs.FS, name string) error {
	header := &zip.FileHeader{Name: path.Join(pluginID, name), Method: zip.Deflate}
	header.SetMode(0o644)
	if strings.HasPrefix(path.Base(name), "gpx_") {
		header.SetMode(0o755)
	}
	to, err := packed.CreateHeader(header)
	if err != nil {
		return err
	}
	from, err := files.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	_, err = io.Copy(to, from)
	return err
}

func checksum(files fs.FS, name string) (string, error) {
	file, err := files.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, file)
	return fmt.Sprintf("%x", hash.Sum(nil)), err
}
