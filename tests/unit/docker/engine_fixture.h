// Tests against a real engine: NOPO_TEST_DOCKER_HOST names its address ("unix:///run/docker.sock")
// and NOPO_TEST_IMAGE an image on it with busybox in it. Skipped where either is unset.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "daemon/docker/compose_labels.h"
#include "daemon/docker/docker_engine.h"

namespace nopo {

class EngineFixture : public testing::Test {
 protected:
  void SetUp() override {
    const char* host = std::getenv("NOPO_TEST_DOCKER_HOST");
    const char* image = std::getenv("NOPO_TEST_IMAGE");
    if (host == nullptr || image == nullptr) {
      GTEST_SKIP() << "NOPO_TEST_DOCKER_HOST and NOPO_TEST_IMAGE name no engine to test with";
    }
    image_ = image;
    engine_ = std::make_unique<DockerEngine>(ParseEndpoint(host).value());
  }

  void TearDown() override {
    if (engine_ == nullptr) return;
    for (const std::string& id : containers_) {
      (void)engine_->RemoveContainer(id, /*force=*/true, /*volumes=*/true, never_);
    }
  }

  // A name that no other test, nor another run of this one, uses.
  static std::string Unique(const std::string& name) {
    return "nopotest-" + std::to_string(::getpid()) + "-" + name;
  }

  // A container of a project that is running `script`, not started; removed at the end of the test.
  ContainerSpec Spec(const std::string& script) const {
    return {.image = image_,
            .command = {{"sh", "-c", script}},
            .labels = {{kLabelProject, Unique("project")}},
            .network_mode = "none"};
  }
  std::string Create(const std::string& name, const ContainerSpec& spec) {
    const absl::StatusOr<std::string> id = engine_->CreateContainer(Unique(name), spec, never_);
    EXPECT_TRUE(id.ok()) << id.status();
    if (!id.ok()) return "";
    containers_.push_back(*id);
    return *id;
  }
  std::string Create(const std::string& name, const std::string& script) {
    return Create(name, Spec(script));
  }
  std::string Start(const std::string& name, const std::string& script) {
    const std::string id = Create(name, script);
    EXPECT_EQ(engine_->StartContainer(id, never_), absl::OkStatus());
    return id;
  }

  const Cancellation never_;
  std::string image_;
  std::unique_ptr<DockerEngine> engine_;

 private:
  std::vector<std::string> containers_;
};

}  // namespace nopo
