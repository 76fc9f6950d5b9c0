package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
)

const (
	metal3         = "metal3.io/v1alpha1"
	infrastructure = "infrastructure.cluster.x-k8s.io/v1beta2"
	core           = "cluster.x-k8s.io/v1beta2"
	pools          = "ipam.metal3.io/v1alpha1"
	claims         = "ipam.cluster.x-k8s.io/v1beta2"

	patience = 90 * time.Second
	pause    = time.Second
)

// A demand says what an object lacks for a real manager to go on with it, or nothing.
type demand func(ctx context.Context, reader client.Reader, object *unstructured.Unstructured) string

// A kind that is watched: a manager ends when it is not served.
type kind struct {
	version, name string
	wants         demand
}

func kinds(version string, names ...string) []kind {
	found := make([]kind, 0, len(names))
	for _, name := range names {
		found = append(found, kind{version: version, name: name})
	}
	return found
}

func join(lists ...[]kind) []kind {
	var all []kind
	for _, each := range lists {
		all = append(all, each...)
	}
	return all
}

func (k kind) new() *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(schema.FromAPIVersionAndKind(k.version, k.name))
	return object
}

func (k kind) watch(manager ctrl.Manager, options controller.Options) error {
	group, _, _ := strings.Cut(k.version, "/")
	watching := &watcher{kind: k, reader: manager.GetClient(), lacking: map[string]time.Time{}}
	return ctrl.NewControllerManagedBy(manager).Named(strings.ToLower(k.name) + "." + group).For(k.new()).WithOptions(options).Complete(watching)
}

type watcher struct {
	kind
	reader  client.Reader
	mutex   sync.Mutex
	lacking map[string]time.Time
}

// Reconcile asks what is lacking, until nothing is; the program ends where that lasts.
func (w *watcher) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	object := w.new()
	if err := w.reader.Get(ctx, request.NamespacedName, object); err != nil {
		w.satisfied(request.String())
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if w.wants == nil || object.GetDeletionTimestamp() != nil {
		w.satisfied(request.String())
		return ctrl.Result{}, nil
	}
	lacks := w.wants(ctx, w.reader, object)
	if lacks == "" {
		w.satisfied(request.String())
		return ctrl.Result{RequeueAfter: 10 * pause}, nil
	}
	if since := w.lacks(request.String()); time.Since(since) > patience {
		fmt.Fprintf(os.Stderr, "%s %s waits in vain: %s\n", w.name, request, lacks)
		os.Exit(1)
	}
	ctrl.LoggerFrom(ctx).Info("waiting", "lacks", lacks)
	return ctrl.Result{RequeueAfter: pause}, nil
}

func (w *watcher) satisfied(name string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	delete(w.lacking, name)
}

func (w *watcher) lacks(name string) time.Time {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if _, known := w.lacking[name]; !known {
		w.lacking[name] = time.Now()
	}
	return w.lacking[name]
}

// find reads an object of that kind from the same namespace; nil where there is none.
func find(ctx context.Context, reader client.Reader, version, name string, beside *unstructured.Unstructured, called string) *unstructured.Unstructured {
	object := kind{version: version, name: name}.new()
	err := reader.Get(ctx, client.ObjectKey{Namespace: beside.GetNamespace(), Name: called}, object)
	if err != nil && !errors.IsNotFound(err) {
		ctrl.LoggerFrom(ctx).Error(err, "cannot read", "kind", name, "name", called)
	}
	if err != nil {
		return nil
	}
	return object
}

func text(object *unstructured.Unstructured, fields ...string) string {
	found, _, _ := unstructured.NestedString(object.Object, fields...)
	return found
}

func truth(object *unstructured.Unstructured, fields ...string) bool {
	found, _, _ := unstructured.NestedBool(object.Object, fields...)
	return found
}

func isTrue(object *unstructured.Unstructured, name string, fields ...string) bool {
	conditions, _, _ := unstructured.NestedSlice(object.Object, fields...)
	for _, each := range conditions {
		if condition, fits := each.(map[string]any); fits && condition["type"] == name {
			return condition["status"] == "True"
		}
	}
	return false
}
