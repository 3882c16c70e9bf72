// A project made of values, with a directory for the Dockerfiles that its plan reads.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/project/image_names.h"
#include "daemon/project/project.h"
#include "tests/unit/build/temporary_tree.h"

namespace nopo {

class ProjectFixture : public testing::Test {
 protected:
  ProjectFixture() {
    project_.name = "Shop";
    project_.slug = "shop";
    project_.root = tree_.path();
    project_.config_file = tree_.path() / "nopo.yml";
    project_.os.image = "debian:12";
    project_.root_target.id = project_.root_target.name = "root";
    project_.root_target.kind = TargetKind::kRoot;
    project_.root_target.dir = tree_.path();
    names_.base = "shop:local";
    names_.version = "local";
    project_.targets.reserve(16);  // So that the references below stay valid.
  }

  // A target named `id` in apps/<id>; valid until the fixture goes.
  Target& Add(const std::string& id, TargetKind kind, std::vector<std::string> dependencies = {}) {
    Target target;
    target.id = target.name = id;
    target.kind = kind;
    target.path = absl::StrCat("apps/", id);
    target.dir = project_.root / target.path;
    target.location.file = target.path + "/nopo.yml";
    for (std::string& name : dependencies) target.dependencies.push_back({.target = name});
    project_.targets.push_back(std::move(target));
    return project_.targets.back();
  }
  // Runs on the base image itself.
  Target& AddService(const std::string& id, std::vector<std::string> dependencies = {}) {
    return Add(id, TargetKind::kService, std::move(dependencies));
  }
  Target& AddWithDockerfile(const std::string& id, const std::string& dockerfile,
                            std::vector<std::string> dependencies = {}) {
    Target& target = AddService(id, std::move(dependencies));
    tree_.Write(target.path + "/Dockerfile", dockerfile);
    target.dockerfile = target.dir / "Dockerfile";
    names_.targets[id] = absl::StrCat("shop-", id, ":local");
    return target;
  }
  Target& AddGenerated(const std::string& id, std::vector<std::string> dependencies = {}) {
    Target& target = AddService(id, std::move(dependencies));
    target.build.emplace().command = "make " + id;
    names_.targets[id] = absl::StrCat("shop-", id, ":local");
    return target;
  }
  Target& AddPackage(const std::string& id, std::vector<std::string> dependencies = {}) {
    Target& target = Add(id, TargetKind::kPackage, std::move(dependencies));
    target.build.emplace().command = "make " + id;
    return target;
  }

  TemporaryTree tree_;
  Project project_;
  ImageNames names_;
};

}  // namespace nopo
