#include "tests/integration/nopo_test.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/runtime_paths.h"

namespace nopo {
namespace {

constexpr absl::Duration kCommandLimit = absl::Minutes(3);
constexpr absl::Duration kLookInterval = absl::Milliseconds(10);

std::string UniqueName() {
  static std::atomic<int> count = 0;
  return absl::StrCat("nopotest-", ::getpid(), "-", ++count);
}

}  // namespace

bool Eventually(const std::function<bool()>& check, absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  const Cancellation never;
  while (!check()) {
    if (absl::Now() > deadline) return false;
    never.WaitUntil(absl::Now() + kLookInterval);
  }
  return true;
}

void NopoTest::SetUp() {
  if (host_.empty()) host_ = ReadProcessEnvironment("NOPO_TEST_DOCKER_HOST");
  const std::string& host = host_;
  image_ = ReadProcessEnvironment("NOPO_TEST_IMAGE");
  if (host.empty() || image_.empty()) {
    GTEST_SKIP() << "NOPO_TEST_DOCKER_HOST and NOPO_TEST_IMAGE name no engine to test with";
  }
  slug_ = UniqueName();
  std::string home = "/tmp/nopo-XXXXXX";
  ASSERT_NE(::mkdtemp(home.data()), nullptr);
  home_ = home;
  project_ = home_ / slug_;
  std::filesystem::create_directories(project_ / "apps");
  environment_ = {{"PATH", ReadProcessEnvironment("PATH")},
                  {"HOME", home},
                  {"XDG_RUNTIME_DIR", home},
                  {"XDG_STATE_HOME", home + "/state"},
                  {"NOPO_DAEMON", NOPOD_BINARY},
                  {"DOCKER_HOST", host}};
  const absl::StatusOr<Endpoint> endpoint = ParseEndpoint(host);
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  engine_ = std::make_unique<DockerEngine>(*endpoint);
}

void NopoTest::TearDown() {
  if (engine_ == nullptr) return;
  Nopo({"daemon", "stop"});  // First: what it still does would come in between.
  for (const Container& container : AllContainers()) {
    EXPECT_TRUE(engine_->RemoveContainer(container.id, true, true, never_).ok());
  }
  const std::string label = absl::StrCat("com.docker.compose.project=", slug_);
  if (const auto networks = engine_->ListNetworks({label}, never_); networks.ok()) {
    for (const Network& network : *networks) {
      EXPECT_TRUE(engine_->RemoveNetwork(network.id, never_).ok());
    }
  }
  if (const auto images = engine_->ListImages(never_); images.ok()) {
    for (const Image& found : *images) {
      for (const std::string& tag : found.tags) {
        if (absl::StartsWith(tag, slug_)) (void)engine_->RemoveImage(tag, never_);
      }
    }
  }
  std::error_code error;
  std::filesystem::remove_all(home_, error);
}

void NopoTest::Write(const std::string& path, const std::string& text) {
  const std::filesystem::path file = project_ / path;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

void NopoTest::Settle() {
  const std::filesystem::path probe = project_.parent_path() / "probe";
  const auto now = [&] {
    std::ofstream(probe) << "x";
    return std::filesystem::last_write_time(probe);
  };
  const std::filesystem::file_time_type start = now();
  ASSERT_TRUE(Eventually([&] { return now() - start > std::chrono::milliseconds(50); }));
}

std::string NopoTest::Read(const std::string& path) const {
  std::ostringstream text;
  text << std::ifstream(project_ / path).rdbuf();
  return text.str();
}

void NopoTest::WriteRoot(const std::string& more) {
  Write("nopo.yml", absl::StrCat("name: ", slug_, "\nos: {base: {image: '", image_, "'}}\n", more));
}

void NopoTest::WriteService(const std::string& name, const std::string& config,
                            const std::string& dockerfile) {
  Write(absl::StrCat("apps/", name, "/nopo.yml"), config);
  Write(absl::StrCat("apps/", name, "/Dockerfile"),
        absl::StrCat("FROM ", image_, "\n", dockerfile));
}

ProcessOutcome NopoTest::Nopo(const std::vector<std::string>& arguments) {
  return NopoIn(project_, arguments);
}

std::unique_ptr<TestProcess> NopoTest::StartNopo(const std::vector<std::string>& arguments,
                                                 TestProcess::Streams streams) {
  std::vector<std::string> argv = {NOPO_BINARY};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return std::make_unique<TestProcess>(argv, environment_, project_.string(), streams);
}

std::unique_ptr<TestProcess> NopoTest::StartOnTerminal(const std::vector<std::string>& argv) {
  return std::make_unique<TestProcess>(argv, environment_, project_.string(),
                                       TestProcess::Streams::kTerminal);
}

ProcessOutcome NopoTest::NopoIn(const std::filesystem::path& dir,
                                const std::vector<std::string>& arguments) {
  std::vector<std::string> argv = {NOPO_BINARY};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return TestProcess(argv, environment_, dir.string()).Wait(kCommandLimit);
}

ProcessOutcome NopoTest::Run(const std::vector<std::string>& argv) {
  return TestProcess(argv, environment_, project_.string()).Wait(kCommandLimit);
}

std::vector<Container> NopoTest::AllContainers() {
  auto found =
      engine_->ListContainers({absl::StrCat("com.docker.compose.project=", slug_)}, never_);
  EXPECT_TRUE(found.ok()) << found.status();
  return found.ok() ? *std::move(found) : std::vector<Container>();
}

std::vector<Container> NopoTest::ContainersOf(const std::string& service) {
  std::vector<Container> containers = AllContainers();
  std::erase_if(containers, [&](const Container& container) {
    const auto label = [&](const char* key) {
      const auto found = container.labels.find(key);
      return found == container.labels.end() ? "" : found->second;
    };
    return label("com.docker.compose.service") != service ||
           label("com.docker.compose.oneoff") != "False";
  });
  std::sort(containers.begin(), containers.end(),
            [](const Container& a, const Container& b) { return a.name < b.name; });
  return containers;
}

Container NopoTest::ContainerOf(const std::string& service) {
  const std::vector<Container> containers = ContainersOf(service);
  EXPECT_EQ(containers.size(), 1) << "containers of " << service;
  return containers.size() == 1 ? containers.front() : Container();
}

int NopoTest::DaemonPid() {
  const int pid = DaemonPidIn(Nopo({"status", "--json"}));
  // Nobody may take a failure for "every process of this group".
  EXPECT_GT(pid, 1);
  return pid > 1 ? pid : std::numeric_limits<int>::max();
}

std::vector<int> NopoTest::ProcessesWith(const std::string& marker) {
  std::vector<int> pids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream stream(entry.path() / "cmdline");
    const std::string text((std::istreambuf_iterator<char>(stream)), {});
    const std::vector<absl::string_view> arguments = absl::StrSplit(text, '\0');
    int pid = 0;
    if (std::find(arguments.begin(), arguments.end(), marker) != arguments.end() &&
        absl::SimpleAtoi(entry.path().filename().string(), &pid)) {
      pids.push_back(pid);
    }
  }
  return pids;
}

int NopoTest::DaemonPidIn(const ProcessOutcome& status) {
  constexpr absl::string_view kKey = "\"pid\":";
  const size_t at = status.out.find(std::string(kKey));
  if (at == std::string::npos) return 0;
  return std::atoi(status.out.c_str() + at + kKey.size());
}

}  // namespace nopo
