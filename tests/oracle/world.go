package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/argoproj/argo-cd/v3/controller/hydrator"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/db"
)

// world is what Argo CD knows beside the Applications: its database, in memory.
type world struct {
	db.ArgoDB // whatever is not said below is not asked for
	hydrator.Dependencies
	clusters  map[string]string
	servers   map[string][]string
	projects  map[string]*v1alpha1.AppProject
	namespace string
}

// everything is a project that permits whatever there is.
var everything = &v1alpha1.AppProject{Spec: v1alpha1.AppProjectSpec{
	SourceRepos:      []string{"*"},
	SourceNamespaces: []string{"*"},
	Destinations:     []v1alpha1.ApplicationDestination{{Server: "*", Namespace: "*"}},
}}

// GetCluster finds a cluster by its server, as Argo CD's does: trailing slashes do not count.
func (w *world) GetCluster(_ context.Context, server string) (*v1alpha1.Cluster, error) {
	if w.clusters == nil {
		return &v1alpha1.Cluster{Server: server}, nil
	}
	if server == v1alpha1.KubernetesInternalAPIServerAddr {
		return &v1alpha1.Cluster{Name: "in-cluster", Server: server}, nil
	}
	for name, known := range w.clusters {
		if strings.TrimRight(known, "/") == strings.TrimRight(server, "/") {
			return &v1alpha1.Cluster{Name: name, Server: known}, nil
		}
	}
	return nil, fmt.Errorf("cluster %q not found", server)
}

// GetClusterServersByName finds the servers of all clusters of a name.
func (w *world) GetClusterServersByName(_ context.Context, name string) ([]string, error) {
	if servers, ok := w.servers[name]; ok {
		return servers, nil
	}
	if server, ok := w.clusters[name]; ok {
		return []string{server}, nil
	}
	if name == "in-cluster" {
		return []string{v1alpha1.KubernetesInternalAPIServerAddr}, nil
	}
	if w.clusters == nil {
		return []string{"https://" + name}, nil
	}
	return nil, nil
}

// serversByName are the servers of the clusters that Secrets tell of, as Argo CD keeps them.
func serversByName(texts []json.RawMessage) map[string][]string {
	servers := map[string][]string{}
	for _, text := range texts {
		secret := &corev1.Secret{}
		if json.Unmarshal(text, secret) != nil {
			continue
		}
		secret.Data = map[string][]byte{}
		for field, value := range secret.StringData { // which the API server does
			secret.Data[field] = []byte(value)
		}
		if cluster, err := db.SecretToCluster(secret); err == nil {
			servers[cluster.Name] = append(servers[cluster.Name], cluster.Server)
		}
	}
	return servers
}

// GetProjectClusters finds the clusters that belong to a project alone: there are none.
func (w *world) GetProjectClusters(context.Context, string) ([]*v1alpha1.Cluster, error) {
	return nil, nil
}

// project is the one that an Application names.
func (w *world) project(app *v1alpha1.Application) (*v1alpha1.AppProject, error) {
	name := app.Spec.GetProject()
	if project, ok := w.projects[name]; ok {
		return project, nil
	}
	if w.projects == nil || name == v1alpha1.DefaultAppProjectName {
		return everything, nil
	}
	known := make([]string, 0, len(w.projects))
	for name := range w.projects {
		known = append(known, name)
	}
	sort.Strings(known)
	return nil, fmt.Errorf("application references project %s, which is not among %v", name, known)
}

// GetProcessableAppProj is what the hydrator asks for; what a project permits is judged elsewhere.
func (w *world) GetProcessableAppProj(*v1alpha1.Application) (*v1alpha1.AppProject, error) {
	return everything, nil
}

func (w *world) repository(_ context.Context, url, _ string) (*v1alpha1.Repository, error) {
	return &v1alpha1.Repository{Repo: url}, nil
}
