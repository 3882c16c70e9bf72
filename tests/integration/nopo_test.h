// Drives the real nopo, nopod, Docker Engine and BuildKit on a project of the test's own.
//
// NOPO_TEST_DOCKER_HOST names the engine and NOPO_TEST_IMAGE an image with a busybox; without them
// the tests are skipped. Each test has its own daemon, state and project, and removes what it made.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/cancellation.h"
#include "daemon/docker/docker_engine.h"
#include "tests/integration/process.h"

namespace nopo {

// True once `check` is; looks again every few milliseconds until `limit`.
bool Eventually(const std::function<bool()>& check, absl::Duration limit = absl::Seconds(30));

class NopoTest : public ::testing::Test {
 protected:
  // Tests on the engine at `host` instead of that of NOPO_TEST_DOCKER_HOST. Before SetUp.
  void SetEngine(const std::string& host) { host_ = host; }
  void SetUp() override;
  void TearDown() override;

  // Writes a file of the project, with its folders.
  void Write(const std::string& path, const std::string& text);
  std::string Read(const std::string& path) const;
  // The root nopo.yml; the project's base image is the test's busybox.
  void WriteRoot(const std::string& more = "");
  // A service under apps/ with a Dockerfile of its own: FROM the busybox, and `dockerfile` after
  // it.
  void WriteService(const std::string& name, const std::string& config,
                    const std::string& dockerfile = "");

  // Waits until what was written is older than the clock of file times is coarse. What is younger
  // nopo reads, lists or builds again, which is right but not what a test of its memory is about.
  void Settle();

  // Runs nopo in the project and waits for it.
  ProcessOutcome Nopo(const std::vector<std::string>& arguments);
  std::unique_ptr<TestProcess> StartNopo(
      const std::vector<std::string>& arguments,
      TestProcess::Streams streams = TestProcess::Streams::kPipes);
  // Any program, on a terminal of its own.
  std::unique_ptr<TestProcess> StartOnTerminal(const std::vector<std::string>& argv);
  // Like Nopo, from another folder.
  ProcessOutcome NopoIn(const std::filesystem::path& dir,
                        const std::vector<std::string>& arguments);
  // Any program, with nopo's environment.
  ProcessOutcome Run(const std::vector<std::string>& argv);

  // The service's containers, one-off ones left out, sorted by name.
  std::vector<Container> ContainersOf(const std::string& service);
  // The only container of `service`; a failure and an empty one when there is another number.
  Container ContainerOf(const std::string& service);
  std::vector<Container> AllContainers();
  int DaemonPid();
  // Whether any process on the machine has `marker` among its arguments.
  static bool IsRunning(const std::string& marker) { return !ProcessesWith(marker).empty(); }
  static std::vector<int> ProcessesWith(const std::string& marker);
  // The daemon that answered a `nopo status --json`; 0 when none did.
  static int DaemonPidIn(const ProcessOutcome& status);

  const std::string& image() const { return image_; }
  const std::filesystem::path& project() const { return project_; }
  const std::string& slug() const { return slug_; }
  DockerEngine& engine() { return *engine_; }
  const Cancellation& never() const { return never_; }
  std::map<std::string, std::string>& environment() { return environment_; }

 private:
  std::string host_;
  std::string image_;
  std::string slug_;  // Name and slug of the project, unique.
  std::filesystem::path home_, project_;
  std::map<std::string, std::string> environment_;
  std::unique_ptr<DockerEngine> engine_;
  Cancellation never_;
};

}  // namespace nopo
