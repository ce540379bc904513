package main

import (
	"context"
	"os"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
)

// collectGarbage is kube-controller-manager's garbage collector without the other controllers: what becomes of objects
// whose owner is deleted, as the deletion asks for it. The one argument is a kubeconfig.
func collectGarbage() {
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	if err != nil {
		klog.Fatal(err)
	}
	client := kubernetes.NewForConfigOrDie(config)
	objects := metadata.NewForConfigOrDie(config)
	kinds := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery()))
	typed := informers.NewSharedInformerFactory(client, 0)
	untyped := metadatainformer.NewSharedInformerFactory(objects, 0)
	started := make(chan struct{})
	ctx := context.Background()
	none := map[schema.GroupResource]struct{}{}
	collector, err := garbagecollector.NewGarbageCollector(
		ctx, client, objects, kinds, none, informerfactory.NewInformerFactory(typed, untyped), started,
	)
	if err != nil {
		klog.Fatal(err)
	}
	typed.Start(ctx.Done())
	untyped.Start(ctx.Done())
	close(started)
	go collector.Sync(ctx, client.Discovery(), time.Second)
	collector.Run(ctx, 2, time.Minute)
}
