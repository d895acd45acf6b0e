package counting

import (
	"os"
	"path/filepath"

	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/slots"
)

// CacheVariable is the environment variable that names the folder for counts on disk.
const CacheVariable = "ACCORD_CACHE_DIR"

// Cache is where the counts of a connection are stored beyond the life of the process.
type Cache struct {
	Disk *slots.Disk // nil: in memory only
	// Connection identifies the server and the data that it shows.
	Connection string
	// Missing says why there is no Disk.
	Missing string
}

// OpenCache opens the cache of the connection to the server at the address, in the folder named by the
// first of the environment variables that is set, else in the user's cache folder. There it stores
// nothing for a server at a loopback address, which may be a different one each time a port is forwarded.
func OpenCache(address, connection string, variables ...string) Cache {
	const set = ": set the environment variable " + CacheVariable + ", or cache_dir of the plugin in Grafana's configuration"
	for _, name := range variables {
		if dir := os.Getenv(name); dir != "" {
			return Cache{Disk: slots.OpenDisk(filepath.Clean(dir), slots.DiskBytes), Connection: connection}
		}
	}
	if prometheus.IsThisMachine(address) {
		return Cache{Missing: "the address of the server is one of this machine, which may be another server each time" + set}
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return Cache{Missing: "no cache folder is known" + set}
	}
	return Cache{Disk: slots.OpenDisk(filepath.Join(user, "accord"), slots.DiskBytes), Connection: connection}
}

// Problem says why counts are in memory only; it is empty if they are on disk too.
func (c Cache) Problem() string {
	if c.Disk == nil {
		return c.Missing
	}
	return c.Disk.Problem()
}
