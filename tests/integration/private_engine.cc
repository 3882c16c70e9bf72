#include "tests/integration/private_engine.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/runtime_paths.h"

namespace nopo {
namespace {

constexpr int kNotToBeHad = 3;  // See packaging/engine.

}  // namespace

PrivateEngine::PrivateEngine(std::string model) : model_(std::move(model)) {
  if (::geteuid() != 0) {
    problem_ = "an engine of the test's own takes root";
    return;
  }
  std::string dir = "/tmp/nopo-engine-XXXXXX";
  if (::mkdtemp(dir.data()) == nullptr ||
      ::mount("nopo-test", dir.c_str(), "tmpfs", 0, "size=120m") != 0) {
    problem_ = "a disk for an engine of the test's own cannot be mounted here";
    return;
  }
  dir_ = dir;
  Start();
}

PrivateEngine::~PrivateEngine() {
  if (dir_.empty()) return;
  Stop();
  EXPECT_EQ(::umount2(dir_.c_str(), MNT_DETACH), 0);
  std::error_code error;
  std::filesystem::remove(dir_, error);
}

void PrivateEngine::Start() {
  const ProcessOutcome start = Script(
      "release=$(DOCKER_HOST=$MODEL docker version --format '{{.Server.Version}}')\n"
      "case $release in 20.*) set -- ;; *) set -- --release \"${release%%.*}\" ;; esac\n"
      "exec \"$PACKAGING/engine\" start --dir \"$DIR\" --isolated \"$@\"\n");
  if (start.exit_code == kNotToBeHad) problem_ = start.err;
  EXPECT_TRUE(start.exit_code == 0 || start.exit_code == kNotToBeHad) << start.err;
}

void PrivateEngine::Load(const std::string& image) {
  const ProcessOutcome load =
      Script(absl::StrCat("DOCKER_HOST=$MODEL docker save '", image, "' | docker load"));
  EXPECT_EQ(load.exit_code, 0) << load.err;
}

void PrivateEngine::Stop() {
  const ProcessOutcome stop = Script("exec \"$PACKAGING/engine\" stop --dir \"$DIR\"");
  EXPECT_EQ(stop.exit_code, 0) << stop.err;
}

ProcessOutcome PrivateEngine::Script(const std::string& script) const {
  return TestProcess({"/bin/sh", "-c", script},
                     {{"PATH", ReadProcessEnvironment("PATH")},
                      {"HOME", ReadProcessEnvironment("HOME")},
                      {"PACKAGING", NOPO_PACKAGING},
                      {"MODEL", model_},
                      {"DIR", dir_.string()},
                      {"DOCKER_HOST", docker_host()}},
                     "/")
      .Wait(absl::Minutes(3));
}

}  // namespace nopo
