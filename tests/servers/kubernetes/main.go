// The servers that a Kubernetes API needs, in one executable: the first argument says which, its flags follow.
package main

import (
	"fmt"
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

var servers = map[string]func(){
	"etcd":              func() { etcdmain.Main(os.Args) },
	"kube-apiserver":    func() { os.Exit(cli.Run(app.NewAPIServerCommand())) },
	"garbage-collector": collectGarbage,
}

func main() {
	if len(os.Args) < 2 || servers[os.Args[1]] == nil {
		fmt.Fprintf(os.Stderr, "usage: %s etcd|kube-apiserver|garbage-collector FLAGS\n", os.Args[0])
		os.Exit(2)
	}
	server := servers[os.Args[1]]
	os.Args = os.Args[1:]
	server()
}
