package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/prometheus/tsdb/fileutil"
)

// In the cache folder lie the stored history, the folder of each running demo
// with the file that locks it, and the lock of the whole.
const (
	storePrefix = "history-"
	runPrefix   = "run-"
	lockSuffix  = ".lock"
)

// How long until a lock that another holds is tried again, and how often:
// longer than any history takes to make, so what still holds it is stuck.
const (
	lockRetry = 50 * time.Millisecond
	lockTries = 2400
)

// lock waits until no other process holds the file.
func lock(ctx context.Context, path string) (unlock func() error, err error) {
	for try := 1; ; try++ {
		held, _, err := fileutil.Flock(path)
		if err == nil {
			return held.Release, nil
		}
		if try == lockTries || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(lockRetry):
		}
	}
}

// running keeps the locks of the folders that this process borrowed. They are
// freed by the end of the process, even a violent one.
var running struct {
	sync.Mutex
	locks []fileutil.Releaser
}

// borrow makes a folder of the caller's own with the stored blocks in it.
func borrow(cacheDir, store string) (dir string, err error) {
	dir, err = os.MkdirTemp(cacheDir, runPrefix)
	if err != nil {
		return "", err
	}
	held, _, err := fileutil.Flock(dir + lockSuffix)
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	running.Lock()
	running.locks = append(running.locks, held)
	running.Unlock()
	if err := share(store, dir); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

// share gives the folder to the same files as from: a block never changes, so
// its files can be in two folders at once where the file system allows it.
func share(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o777)
		}
		if os.Link(path, target) == nil {
			return nil
		}
		return duplicate(path, target)
	})
}

func duplicate(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	_, err = io.Copy(target, source)
	return err
}

// removeUnfinished removes the blocks that a killed demo was writing.
func removeUnfinished(store string) error {
	paths, err := filepath.Glob(filepath.Join(store, "*.tmp-for-creation"))
	for _, path := range paths {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return err
}

// tidy removes the history of other versions and the folders of demos that
// have ended. The cache folder is locked meanwhile.
func tidy(cacheDir string) error {
	entries, err := os.ReadDir(cacheDir)
	if err != nil {
		return err
	}
	runs := map[string]bool{}
	for _, entry := range entries {
		name := entry.Name()
		switch {
		case strings.HasPrefix(name, runPrefix): // the folder or its lock; either may be alone
			runs[filepath.Join(cacheDir, strings.TrimSuffix(name, lockSuffix))] = true
		case strings.HasPrefix(name, storePrefix) && name != fmt.Sprint(storePrefix, Version):
			err = errors.Join(err, os.RemoveAll(filepath.Join(cacheDir, name)))
		}
	}
	for dir := range runs {
		err = errors.Join(err, tidyRun(dir))
	}
	return err
}

// tidyRun removes a demo's folder and its lock, unless the demo still runs.
func tidyRun(dir string) error {
	held, _, err := fileutil.Flock(dir + lockSuffix)
	if err != nil {
		return nil // in use
	}
	return errors.Join(os.RemoveAll(dir), held.Release(), os.Remove(dir+lockSuffix))
}
