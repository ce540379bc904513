package main

import (
	"fmt"

	"github.com/argoproj/argo-cd/v3/reposerver/repository"
	"github.com/argoproj/argo-cd/v3/util/argo"
	"github.com/argoproj/argo-cd/v3/util/argo/normalizers"
)

func main() { fmt.Println(argo.IsValidAppName("x"), repository.GenerateManifests, normalizers.NewIgnoreNormalizer) }
