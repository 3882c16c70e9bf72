#include "daemon/docker/engine_discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "common/error.h"
#include "tests/unit/docker/temporary_directory.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;

class EngineDiscoveryTest : public testing::Test {
 protected:
  EngineDiscoveryTest() { environment_["HOME"] = home_.path().string(); }

  absl::StatusOr<EngineChoice> Discover() {
    return DiscoverEngine([this](absl::string_view name) {
      const auto it = environment_.find(std::string(name));
      return it == environment_.end() ? std::string() : it->second;
    });
  }

  void Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = home_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  void AddContext(const std::string& name, const std::string& host) {
    Write(".docker/contexts/meta/" + name + "-hash/meta.json",
          R"({"Name":")" + name + R"(","Endpoints":{"docker":{"Host":")" + host + R"("}}})");
  }

  const TemporaryDirectory home_;
  std::map<std::string, std::string> environment_;
};

TEST_F(EngineDiscoveryTest, PrefersDockerHostToAnyContext) {
  AddContext("colima", "unix:///colima.sock");
  environment_["DOCKER_CONTEXT"] = "colima";
  environment_["DOCKER_HOST"] = "tcp://box:2375";

  const auto choice = Discover();

  ASSERT_TRUE(choice.ok()) << choice.status();
  EXPECT_EQ(choice->endpoint.ToString(), "tcp://box:2375");
  EXPECT_EQ(choice->source, "DOCKER_HOST");
}

TEST_F(EngineDiscoveryTest, PrefersDockerContextToTheCurrentOne) {
  AddContext("colima", "unix:///colima.sock");
  AddContext("work", "unix:///work.sock");
  Write(".docker/config.json", R"({"currentContext":"work"})");
  environment_["DOCKER_CONTEXT"] = "colima";

  const auto choice = Discover();

  ASSERT_TRUE(choice.ok()) << choice.status();
  EXPECT_EQ(choice->endpoint.path, "/colima.sock");
  EXPECT_EQ(choice->source, "context 'colima'");
}

TEST_F(EngineDiscoveryTest, FollowsTheCurrentContext) {
  AddContext("work", "unix:///work.sock");
  Write(".docker/config.json", R"({"auths":{},"currentContext":"work"})");

  const auto choice = Discover();

  ASSERT_TRUE(choice.ok()) << choice.status();
  EXPECT_EQ(choice->endpoint.path, "/work.sock");
}

TEST_F(EngineDiscoveryTest, LooksWhereDockerConfigSays) {
  Write("elsewhere/contexts/meta/x/meta.json",
        R"({"Name":"x","Endpoints":{"docker":{"Host":"unix:///x.sock"}}})");
  Write("elsewhere/config.json", R"({"currentContext":"x"})");
  environment_["DOCKER_CONFIG"] = (home_.path() / "elsewhere").string();

  const auto choice = Discover();

  ASSERT_TRUE(choice.ok()) << choice.status();
  EXPECT_EQ(choice->endpoint.path, "/x.sock");
}

TEST_F(EngineDiscoveryTest, NamesAContextThatDoesNotExist) {
  environment_["DOCKER_CONTEXT"] = "gone";

  const absl::Status status = Discover().status();

  EXPECT_EQ(ReasonOf(status), Reason::kConfiguration);
  EXPECT_THAT(std::string(status.message()), HasSubstr("context 'gone'"));
}

TEST_F(EngineDiscoveryTest, SaysWhatToDoAboutSsh) {
  environment_["DOCKER_HOST"] = "ssh://box";

  const absl::Status status = Discover().status();

  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(ReasonOf(status), Reason::kConfiguration);
  EXPECT_THAT(std::string(status.message()), HasSubstr("ssh -L"));
}

TEST_F(EngineDiscoveryTest, SpeaksTlsWithTheFilesThatAreThere) {
  Write(".docker/ca.pem", "");
  environment_["DOCKER_HOST"] = "tcp://box";
  environment_["DOCKER_TLS_VERIFY"] = "1";

  const Endpoint endpoint = Discover()->endpoint;

  EXPECT_EQ(endpoint.port, 2376);
  ASSERT_TRUE(endpoint.tls.has_value());
  EXPECT_THAT(endpoint.tls->authority, HasSubstr(".docker/ca.pem"));
  EXPECT_EQ(endpoint.tls->certificate, "");
}

TEST_F(EngineDiscoveryTest, TakesTheCertificatesFromTheFolderThatIsNamed) {
  Write("certificates/ca.pem", "");
  Write("certificates/cert.pem", "");
  Write("certificates/key.pem", "");
  environment_["DOCKER_HOST"] = "tcp://box:1";
  environment_["DOCKER_TLS_VERIFY"] = "1";
  environment_["DOCKER_CERT_PATH"] = environment_["HOME"] + "/certificates";

  const Endpoint endpoint = Discover()->endpoint;

  EXPECT_EQ(endpoint.port, 1);
  EXPECT_THAT(endpoint.tls->key, HasSubstr("certificates/key.pem"));
}

TEST_F(EngineDiscoveryTest, NamesABrokenConfigurationFile) {
  Write(".docker/config.json", "{");

  EXPECT_THAT(std::string(Discover().status().message()), HasSubstr(".docker/config.json"));
}

TEST_F(EngineDiscoveryTest, TreatsTheDefaultContextAsNone) {
  Write(".docker/config.json", R"({"currentContext":"default"})");

  EXPECT_TRUE(Discover().ok());
}

}  // namespace
}  // namespace nopo
