package imports

import "github.com/accord-sla/accord/pkg/catalog/document"

// Resource is a Kubernetes resource.
type Resource[Spec any] struct {
	APIVersion string            `yaml:"apiVersion"`
	Kind       string            `yaml:"kind"`
	Metadata   ObjectMeta        `yaml:"metadata"`
	Spec       Spec              `yaml:"spec"`
	Status     document.Anything `yaml:"status"`
}

// ObjectMeta is the metadata of a Kubernetes resource. What the cluster writes
// there is known and means nothing to an SLO.
type ObjectMeta struct {
	Name        string                    `yaml:"name" check:"required"`
	Namespace   string                    `yaml:"namespace"`
	Labels      map[string]document.Plain `yaml:"labels"`
	Annotations map[string]document.Plain `yaml:"annotations"`

	UID               document.Anything `yaml:"uid"`
	ResourceVersion   document.Anything `yaml:"resourceVersion"`
	Generation        document.Anything `yaml:"generation"`
	CreationTimestamp document.Anything `yaml:"creationTimestamp"`
	DeletionTimestamp document.Anything `yaml:"deletionTimestamp"`
	ManagedFields     document.Anything `yaml:"managedFields"`
	OwnerReferences   document.Anything `yaml:"ownerReferences"`
	Finalizers        document.Anything `yaml:"finalizers"`
	SelfLink          document.Anything `yaml:"selfLink"`
}

// FullName is namespace/name, or the name alone.
func (m *ObjectMeta) FullName() string {
	if m.Namespace == "" {
		return m.Name
	}
	return m.Namespace + "/" + m.Name
}

// OwnAnnotations returns those that people wrote.
func (m *ObjectMeta) OwnAnnotations() map[string]string {
	own := Texts(m.Annotations)
	delete(own, "kubectl.kubernetes.io/last-applied-configuration")
	return own
}

// Texts is several maps of plain values in one; later ones win.
func Texts(of ...map[string]document.Plain) map[string]string {
	all := map[string]string{}
	for _, values := range of {
		for name, value := range values {
			all[name] = string(value)
		}
	}
	return all
}
