// A project whose images go to a registry of the test's own. Without the program docker-registry
// the tests are skipped.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"
#include "tests/integration/test_registry.h"

namespace nopo {

class RegistryTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    if (!TestRegistry::IsInstalled()) GTEST_SKIP() << "docker-registry is not installed";
    WriteRoot();
  }
  void TearDown() override {
    for (const std::string& tag : foreign_tags_) (void)engine().RemoveImage(tag, never());
    NopoTest::TearDown();
  }

  // A registry for the project's images, of version v1.
  void StartRegistry(TestRegistry::Access access = TestRegistry::Access::kEverybody) {
    registry_ = std::make_unique<TestRegistry>(project().parent_path() / "registry", access);
    environment()["DOCKER_REGISTRY"] = registry_->address();
    environment()["DOCKER_VERSION"] = "v1";
  }
  void StartGuardedRegistry() { StartRegistry(TestRegistry::Access::kWithPassword); }
  void LogIn() { WriteDockerConfig(registry_->ClientConfig()); }
  void LogOut() { WriteDockerConfig("{}"); }
  void WriteDockerConfig(const std::string& json) {
    const std::filesystem::path folder = project().parent_path() / ".docker";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "config.json") << json;
  }
  // A credential helper on nopo's PATH that knows the registry's login.
  void InstallHelper(const std::string& name) {
    const std::filesystem::path folder = project().parent_path() / "bin";
    std::filesystem::create_directories(folder);
    const std::filesystem::path file = folder / ("docker-credential-" + name);
    std::ofstream(file) << "#!/bin/sh\ncat >/dev/null\n"
                        << R"(echo '{"Username":")" << TestRegistry::kUser << R"(","Secret":")"
                        << TestRegistry::kPassword << "\"}'\n";
    ::chmod(file.c_str(), 0755);
    environment()["PATH"] = absl::StrCat(folder.string(), ":", environment()["PATH"]);
  }
  std::string Tag(const std::string& target) {
    foreign_tags_.push_back(absl::StrCat(registry_->address(), "/", slug(), "-", target, ":v1"));
    return foreign_tags_.back();
  }
  void Forget(const std::string& tag) {
    ASSERT_TRUE(engine().RemoveImage(tag, never()).ok()) << tag;
  }
  bool EngineHas(const std::string& tag) { return engine().InspectImage(tag, never()).ok(); }
  // The service `web`, pushed and then forgotten by the engine; its tag.
  std::string PublishWeb() {
    WriteService("web", "infrastructure: {}\n", "RUN echo published > /what\n");
    const ProcessOutcome pushed = Nopo({"build", "--push"});
    EXPECT_EQ(pushed.exit_code, 0) << pushed.err;
    const std::string tag = Tag("web");
    Forget(tag);
    return tag;
  }

  std::unique_ptr<TestRegistry> registry_;
  std::vector<std::string> foreign_tags_;
};

}  // namespace nopo
