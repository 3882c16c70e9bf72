// Builds at BUILDKIT_HOST: the BuildKit of the engine with the containerd image store, shown alone,
// as a buildkitd would be. Images go to the other engine.
#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/runtime_paths.h"
#include "tests/fakes/engine_proxy.h"
#include "tests/integration/port_relay.h"
#include "tests/integration/registry_fixture.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kConfigurationError = 4;
constexpr int kBuildError = 5;
constexpr int kNetworkError = 6;
constexpr int kInterrupted = 130;
constexpr absl::Duration kLimit = absl::Minutes(1);

class BuildkitHostTest : public RegistryTest {
 protected:
  void SetUp() override {
    const std::string host = ReadProcessEnvironment("NOPO_TEST_DOCKER_HOST_CONTAINERD");
    if (host.empty()) {
      GTEST_SKIP() << "NOPO_TEST_DOCKER_HOST_CONTAINERD names no engine whose BuildKit to use";
    }
    RegistryTest::SetUp();
    if (IsSkipped()) return;
    const absl::StatusOr<Endpoint> endpoint = ParseEndpoint(host);
    ASSERT_TRUE(endpoint.ok()) << endpoint.status();
    buildkit_ = std::make_unique<EngineProxy>(socket(), *endpoint, EngineProxy::Shows::kBuildkit);
    environment()["BUILDKIT_HOST"] = buildkit_->docker_host();
  }
  void TearDown() override {
    RegistryTest::TearDown();
    relay_.reset();
    buildkit_.reset();
  }

  std::filesystem::path socket() const { return project().parent_path() / "buildkit.sock"; }

  // Shows BuildKit at a port instead.
  void ListenOnPort(const std::filesystem::path& certificates = "") {
    relay_ = std::make_unique<PortRelay>(socket(), environment(), certificates);
    environment()["BUILDKIT_HOST"] = relay_->address();
  }

  std::unique_ptr<EngineProxy> buildkit_;
  std::unique_ptr<PortRelay> relay_;
};

TEST_F(BuildkitHostTest, BuildsThereAndLoadsIntoTheEngine) {
  WriteService("web", "infrastructure: {}\n", "RUN echo made elsewhere > /what\n");
  Write("apps/api/nopo.yml",
        "infrastructure: {command: sleep 1000}\nbuild: {command: echo x > out, output: [out]}\n");

  const ProcessOutcome build = Nopo({"build", "web"});
  const ProcessOutcome up = Nopo({"up", "api"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_TRUE(EngineHas(slug() + "-web:local"));
  // Its base image is one that only the engine has, and so is what that stands on.
  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(ContainerOf("api").state, ContainerState::kRunning);
}

TEST_F(BuildkitHostTest, WhatTheEngineHasIsNotLoadedAgain) {
  WriteService("web", "infrastructure: {}\n", "RUN echo made > /what\n");
  Settle();
  ASSERT_EQ(Nopo({"build"}).exit_code, 0);

  const ProcessOutcome unchanged = Nopo({"build"});
  environment()["DOCKER_BUILD"] = "1";
  const ProcessOutcome asked = Nopo({"build", "--progress=plain"});

  EXPECT_THAT(unchanged.err, HasSubstr("inputs unchanged"));
  EXPECT_THAT(asked.err, AllOf(HasSubstr("its one step cached"), HasSubstr("up to date")));
}

TEST_F(BuildkitHostTest, IsReachedOverTcp) {
  WriteService("web", "infrastructure: {}\n", "RUN echo made > /what\n");
  ListenOnPort();

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_TRUE(EngineHas(slug() + "-web:local"));
}

TEST_F(BuildkitHostTest, ARemoteBuilderOfBuildxIsSuchAPlace) {
  WriteService("web", "infrastructure: {}\n", "RUN echo made elsewhere > /what\n");
  const std::filesystem::path config = project().parent_path() / "buildx";
  std::filesystem::create_directories(config / "instances");
  std::ofstream(config / "instances" / "far")
      << absl::StrCat(R"({"Name":"far","Driver":"remote","Nodes":[{"Name":"far0","Endpoint":")",
                      environment()["BUILDKIT_HOST"], R"("}]})");
  environment().erase("BUILDKIT_HOST");
  environment()["BUILDX_CONFIG"] = config;
  environment()["DOCKER_BUILDER"] = "far";

  const ProcessOutcome build = Nopo({"build"});
  buildkit_.reset();
  Write("apps/web/Dockerfile", absl::StrCat("FROM ", image(), "\nRUN echo other > /what\n"));
  const ProcessOutcome gone = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_TRUE(EngineHas(slug() + "-web:local"));
  EXPECT_EQ(gone.exit_code, kNetworkError) << gone.err;
}

// As buildctl does it: standard input and output are a connection to the socket of BuildKit.
constexpr char kDialStdio[] = R"(#!/usr/bin/python3
import os, socket, sys, threading
assert sys.argv[1:] == ["dial-stdio"]
server = socket.socket(socket.AF_UNIX)
server.connect("/run/buildkit/buildkitd.sock")
def take_in():
    while data := os.read(0, 65536):
        server.sendall(data)
    os._exit(0)
threading.Thread(target=take_in, daemon=True).start()
while data := server.recv(65536):
    os.write(1, data)
)";

// BuildKit is shown to a container like those of buildx.
class BuildkitInContainerTest : public BuildkitHostTest {
 protected:
  void SetUp() override {
    python_ = ReadProcessEnvironment("NOPO_TEST_PYTHON_IMAGE");
    if (python_.empty()) GTEST_SKIP() << "NOPO_TEST_PYTHON_IMAGE names no image with Python";
    BuildkitHostTest::SetUp();
    if (IsSkipped()) return;
    environment().erase("BUILDKIT_HOST");
    Write("buildctl", kDialStdio);
    std::filesystem::permissions(project() / "buildctl", std::filesystem::perms::owner_all);
    Write("apps/web/nopo.yml", "infrastructure: {}\n");
    Write("apps/web/Dockerfile",
          absl::StrCat("FROM ", image(), "\nRUN echo made in a container > /what\n"));
  }
  void TearDown() override {
    if (!IsSkipped()) Run({"docker", "rm", "--force", container()});
    BuildkitHostTest::TearDown();
  }

  std::string container() const { return absl::StrCat("buildx_buildkit_", slug(), "0"); }
  void StartContainer() {
    const std::string program = (project() / "buildctl").string();
    const ProcessOutcome started =
        Run({"docker", "run", "--detach", "--name", container(), "--volume",
             absl::StrCat(program, ":/usr/bin/buildctl:ro"), "--volume",
             absl::StrCat(socket().string(), ":/run/buildkit/buildkitd.sock"), python_, "sleep",
             "600"});
    EXPECT_EQ(started.exit_code, 0) << started.err;
  }

 private:
  std::string python_;
};

TEST_F(BuildkitInContainerTest, IsReachedThroughIt) {
  StartContainer();
  environment()["BUILDKIT_HOST"] = absl::StrCat("docker-container://", container());

  const ProcessOutcome build = Nopo({"build"});
  const ProcessOutcome doctor = Nopo({"doctor"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_TRUE(EngineHas(slug() + "-web:local"));
  EXPECT_THAT(doctor.out, HasSubstr(absl::StrCat("BuildKit in the container ", container())));
}

TEST_F(BuildkitInContainerTest, IsReachedAsABuilderOfBuildx) {
  StartContainer();
  const std::filesystem::path config = project().parent_path() / "buildx";
  std::filesystem::create_directories(config / "instances");
  std::ofstream(config / "instances" / "box")
      << absl::StrCat(R"({"Driver":"docker-container","Nodes":[{"Name":")", slug(), R"(0"}]})");
  environment()["BUILDX_CONFIG"] = config;
  environment()["DOCKER_BUILDER"] = "box";

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_THAT(build.err, Not(HasSubstr("is not used")));
}

TEST_F(BuildkitInContainerTest, ThatIsNotThereOrEndsIsToldOf) {
  environment()["BUILDKIT_HOST"] = absl::StrCat("docker-container://", container());
  const ProcessOutcome absent = Nopo({"build"});
  StartContainer();
  EXPECT_EQ(Run({"docker", "kill", container()}).exit_code, 0);
  const ProcessOutcome ended = Nopo({"build"});

  EXPECT_EQ(absent.exit_code, kBuildError) << absent.err;
  EXPECT_THAT(absent.err, HasSubstr(container()));
  EXPECT_EQ(ended.exit_code, kBuildError) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("does not run"));
}

TEST_F(BuildkitHostTest, IsReachedOverTls) {
  WriteService("web", "infrastructure: {}\n", "RUN echo made > /what\n");
  const std::filesystem::path certificates = project().parent_path() / "tls";
  MakeCertificates(certificates, environment());
  ListenOnPort(certificates);
  environment()["BUILDKIT_TLS_DIR"] = certificates;

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_TRUE(EngineHas(slug() + "-web:local"));
}

TEST_F(BuildkitHostTest, ATlsServerWithoutTlsIsHintedAt) {
  WriteService("web", "infrastructure: {}\n");
  const std::filesystem::path certificates = project().parent_path() / "tls";
  MakeCertificates(certificates, environment());
  ListenOnPort(certificates);

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, kNetworkError);
  EXPECT_THAT(build.err, HasSubstr("BUILDKIT_TLS_DIR"));
}

TEST_F(BuildkitHostTest, PushesFromThereWithoutAnEngine) {
  StartGuardedRegistry();
  LogIn();
  Write("nopo.yml", absl::StrCat("name: ", slug(), "\n"));
  Write("apps/web/nopo.yml", "infrastructure: {}\n");
  Write("apps/web/Dockerfile", "FROM scratch\nCOPY a /a\n");
  Write("apps/web/a", "a");
  environment()["DOCKER_HOST"] = absl::StrCat("unix://", (project() / "no.sock").string());

  const ProcessOutcome build = Nopo({"build", "--push", "--output", "out.json"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_TRUE(registry_->Has(slug() + "-web", "v1"));
  EXPECT_THAT(Read("out.json"), HasSubstr(R"("digest":"sha256:)"));
}

TEST_F(BuildkitHostTest, PushesImagesOfSeveralPlatforms) {
  StartRegistry();
  Write("apps/web/nopo.yml", "infrastructure: {}\n");
  Write("apps/web/Dockerfile", "FROM scratch\nCOPY a /a\n");
  Write("apps/web/a", "a");
  environment()["DOCKER_PLATFORMS"] = "linux/amd64,linux/arm64";

  const ProcessOutcome build = Nopo({"build", "--push"});

  EXPECT_EQ(build.exit_code, 0) << build.err;
  EXPECT_TRUE(registry_->Has(slug() + "-web", "v1"));
  EXPECT_TRUE(registry_->HasBlobWith("arm64"));
}

TEST_F(BuildkitHostTest, SeveralPlatformsCannotBeLoaded) {
  WriteService("web", "infrastructure: {}\n");
  environment()["DOCKER_PLATFORMS"] = "linux/amd64,linux/arm64";

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, kBuildError);
  EXPECT_THAT(build.err, HasSubstr("--push"));
}

TEST_F(BuildkitHostTest, AnAddressThatIsNoneIsAConfigurationError) {
  WriteService("web", "infrastructure: {}\n");
  environment()["BUILDKIT_HOST"] = "kube-pod://builder";

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, kConfigurationError);
  EXPECT_THAT(build.err, AllOf(HasSubstr("kube-pod://builder"), HasSubstr("tcp://host")));
}

TEST_F(BuildkitHostTest, WhereNobodyListensIsANetworkError) {
  WriteService("web", "infrastructure: {}\n");
  environment()["BUILDKIT_HOST"] = "tcp://127.0.0.1:1";

  const ProcessOutcome build = Nopo({"build"});

  EXPECT_EQ(build.exit_code, kNetworkError);
  EXPECT_THAT(build.err, AllOf(HasSubstr("tcp://127.0.0.1:1"), HasSubstr("unset BUILDKIT_HOST")));
}

TEST_F(BuildkitHostTest, TheDoctorLooksWhetherItAnswers) {
  const ProcessOutcome well = Nopo({"doctor"});
  buildkit_->Cut();
  const ProcessOutcome ill = Nopo({"doctor"});

  EXPECT_THAT(well.out, HasSubstr("BuildKit at unix://"));
  EXPECT_EQ(ill.exit_code, 1);
  EXPECT_THAT(ill.out, HasSubstr("no BuildKit: cannot connect to unix://"));
}

TEST_F(BuildkitHostTest, CtrlCEndsTheBuildThere) {
  WriteService("web", "infrastructure: {}\n", "RUN echo begun && sleep 1000\n");
  const auto build = StartNopo({"build", "--no-cache", "--progress=plain"});
  ASSERT_TRUE(build->WaitForOutput("[web:build] begun", kLimit)) << build->Output();

  build->Signal(SIGINT);
  const ProcessOutcome ended = build->Wait(kLimit);

  EXPECT_EQ(ended.exit_code, kInterrupted) << ended.err;
}

TEST_F(BuildkitHostTest, ABuildKitThatGoesAwayFailsTheBuildAndTheNextIsRight) {
  WriteService("web", "infrastructure: {}\n", "RUN echo begun && sleep 1000\n");
  const auto build = StartNopo({"build", "--no-cache", "--progress=plain"});
  ASSERT_TRUE(build->WaitForOutput("[web:build] begun", kLimit)) << build->Output();

  buildkit_->Cut();
  const ProcessOutcome lost = build->Wait(kLimit);
  buildkit_->Restore();
  WriteService("web", "infrastructure: {}\n", "RUN echo made > /what\n");
  const ProcessOutcome next = Nopo({"build"});

  EXPECT_EQ(lost.exit_code, kNetworkError) << lost.err;
  EXPECT_THAT(lost.err, HasSubstr("BuildKit went away"));
  EXPECT_EQ(next.exit_code, 0) << next.err;
  EXPECT_THAT(next.err, Not(HasSubstr("went away")));
}

}  // namespace
}  // namespace nopo
