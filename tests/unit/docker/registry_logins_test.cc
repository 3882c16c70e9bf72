#include "daemon/docker/registry_logins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "common/error.h"
#include "tests/unit/docker/temporary_directory.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;

class RegistryLoginsTest : public ::testing::Test {
 protected:
  void WriteConfig(const std::string& json) { std::ofstream(home_.path() / "config.json") << json; }
  // A credential helper on the user's PATH.
  void WriteHelper(const std::string& name, const std::string& script) {
    const std::filesystem::path file = home_.path() / ("docker-credential-" + name);
    std::ofstream(file) << "#!/bin/sh\n" << script;
    ::chmod(file.c_str(), 0755);
  }
  RegistryLogins Logins() const {
    return RegistryLogins({{"DOCKER_CONFIG", home_.path().string()},
                           {"PATH", home_.path().string() + ":/usr/bin:/bin"},
                           {"KEYCHAIN", "blue"}});
  }
  absl::StatusOr<RegistryLogin> Find(const std::string& registry) {
    return Logins().Find(registry, never_);
  }
  size_t CallsOfHelper() const {
    std::ifstream log(home_.path() / "calls");
    return std::string(std::istreambuf_iterator<char>(log), {}).size();
  }

  TemporaryDirectory home_;
  const Cancellation never_;
};

TEST_F(RegistryLoginsTest, WithoutAConfigurationEverybodyIsAnonymous) {
  EXPECT_EQ(Find("registry.example").value(), RegistryLogin());
}

TEST_F(RegistryLoginsTest, WithoutAHomeEverybodyIsAnonymous) {
  EXPECT_EQ(RegistryLogins({}).Find("registry.example", never_).value(), RegistryLogin());
}

TEST_F(RegistryLoginsTest, TakesTheConfigurationOfTheUsersHome) {
  std::filesystem::create_directory(home_.path() / ".docker");
  std::ofstream(home_.path() / ".docker" / "config.json")
      << R"({"auths": {"r.example": {"username": "ann", "password": "x"}}})";

  const auto login = RegistryLogins({{"HOME", home_.path().string()}}).Find("r.example", never_);

  EXPECT_EQ(login.value().username, "ann");
}

TEST_F(RegistryLoginsTest, UnpacksALogin) {
  WriteConfig(R"({"auths": {"r.example:5000": {"auth": "YW5uOnM6Y3JldA=="}}})");

  EXPECT_EQ(Find("r.example:5000").value(),
            (RegistryLogin{.username = "ann", .password = "s:cret"}));
  EXPECT_EQ(Find("r.example").value(), RegistryLogin());
}

TEST_F(RegistryLoginsTest, ReadsAnIdentityToken) {
  WriteConfig(R"({"auths": {"r.example": {"auth": "YW5uOg==", "identitytoken": "t0"}}})");

  EXPECT_EQ(Find("r.example").value().identity_token, "t0");
}

TEST_F(RegistryLoginsTest, SaysWhoseLoginIsGarbled) {
  WriteConfig(R"({"auths": {"r.example": {"auth": "?"}}})");

  const absl::Status status = Find("r.example").status();

  EXPECT_EQ(ReasonOf(status), Reason::kConfiguration);
  EXPECT_THAT(std::string(status.message()), HasSubstr("r.example"));
}

TEST_F(RegistryLoginsTest, KnowsDockerHubByAllItsNames) {
  WriteConfig(R"({"auths": {"https://index.docker.io/v1/": {"auth": "YW5uOng="}}})");

  for (const char* name : {"docker.io", "index.docker.io", "registry-1.docker.io"}) {
    EXPECT_EQ(Find(name).value().username, "ann") << name;
  }
}

TEST_F(RegistryLoginsTest, FindsARegistryFiledAsAUrl) {
  WriteConfig(R"({"auths": {"https://r.example/v2/": {"auth": "YW5uOng="}}})");

  EXPECT_EQ(Find("r.example").value().username, "ann");
}

TEST_F(RegistryLoginsTest, AsksTheStoreWithTheUsersEnvironment) {
  WriteConfig(R"({"credsStore": "safe", "auths": {"r.example": {}}})");
  WriteHelper("safe",
              R"(read -r server; echo "{\"Username\":\"$KEYCHAIN\",\"Secret\":\"$1 $server\"}")");

  EXPECT_EQ(Find("r.example").value(),
            (RegistryLogin{.username = "blue", .password = "get r.example"}));
}

TEST_F(RegistryLoginsTest, PrefersARegistrysOwnHelper) {
  WriteConfig(R"({"credsStore": "safe", "credHelpers": {"r.example": "cloud"}})");
  WriteHelper("safe", R"(echo '{"Username":"safe","Secret":"x"}')");
  WriteHelper("cloud", R"(echo '{"Username":"cloud","Secret":"x"}')");

  EXPECT_EQ(Find("r.example").value().username, "cloud");
  EXPECT_EQ(Find("other.example").value().username, "safe");
}

TEST_F(RegistryLoginsTest, TakesATokenFromAHelper) {
  WriteConfig(R"({"credsStore": "safe"})");
  WriteHelper("safe", R"(echo '{"Username":"<token>","Secret":"t0"}')");

  EXPECT_EQ(Find("r.example").value(), (RegistryLogin{.identity_token = "t0"}));
}

TEST_F(RegistryLoginsTest, AHelperWithoutThatLoginMeansAnonymous) {
  WriteConfig(R"({"credsStore": "safe"})");
  WriteHelper("safe", "echo credentials not found in native keychain; exit 1");

  EXPECT_EQ(Find("r.example").value(), RegistryLogin());
}

TEST_F(RegistryLoginsTest, PassesOnWhatAFailedHelperSays) {
  WriteConfig(R"({"credsStore": "safe"})");
  WriteHelper("safe", "echo the keychain is locked >&2; exit 1");

  const absl::Status status = Find("r.example").status();

  EXPECT_EQ(ReasonOf(status), Reason::kConfiguration);
  EXPECT_THAT(std::string(status.message()), HasSubstr("the keychain is locked"));
}

TEST_F(RegistryLoginsTest, NamesAHelperThatIsMissing) {
  WriteConfig(R"({"credsStore": "nowhere"})");

  const absl::Status status = Find("r.example").status();

  EXPECT_EQ(ReasonOf(status), Reason::kConfiguration);
  EXPECT_THAT(std::string(status.message()), HasSubstr("docker-credential-nowhere"));
}

TEST_F(RegistryLoginsTest, AsksAHelperOnce) {
  WriteConfig(R"({"credsStore": "safe"})");
  WriteHelper("safe", "printf x >> \"$DOCKER_CONFIG/calls\"; echo '{}'\n");
  RegistryLogins logins = Logins();

  ASSERT_TRUE(logins.Find("r.example", never_).ok());
  ASSERT_TRUE(logins.Find("r.example", never_).ok());

  EXPECT_EQ(CallsOfHelper(), 1);
}

TEST_F(RegistryLoginsTest, AHangingHelperEndsWithTheRequest) {
  WriteConfig(R"({"credsStore": "safe"})");
  WriteHelper("safe", "sleep 1000 & wait");
  Cancellation cancelled;
  std::thread canceller([&] { cancelled.Cancel(); });

  EXPECT_TRUE(absl::IsCancelled(Logins().Find("r.example", cancelled).status()));

  canceller.join();
}

TEST(RegistryOfTest, IsDockerHubUnlessTheFirstPartIsAHost) {
  EXPECT_EQ(RegistryOf("nginx:1"), "docker.io");
  EXPECT_EQ(RegistryOf("team/shop:1"), "docker.io");
  EXPECT_EQ(RegistryOf("index.docker.io/library/nginx"), "docker.io");
  EXPECT_EQ(RegistryOf("localhost/shop"), "localhost");
  EXPECT_EQ(RegistryOf("127.0.0.1:5000/shop:1"), "127.0.0.1:5000");
  EXPECT_EQ(RegistryOf("r.example/team/shop@sha256:0"), "r.example");
}

TEST(AuthConfigJsonTest, HasOnlyWhatIsKnown) {
  EXPECT_EQ(AuthConfigJson({}, "r.example"), "{}");
  EXPECT_EQ(AuthConfigJson({.username = "ann", .password = "x"}, "r.example"),
            R"({"username":"ann","password":"x","serveraddress":"r.example"})");
  EXPECT_EQ(AuthConfigJson({.identity_token = "t0"}, "docker.io"),
            R"({"identitytoken":"t0","serveraddress":"https://index.docker.io/v1/"})");
}

}  // namespace
}  // namespace nopo
