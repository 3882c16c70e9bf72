#include "daemon/buildkit/buildkit_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "common/error.h"
#include "tests/unit/buildkit/temp_directory.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;

class ParseBuildkitHostTest : public ::testing::Test {
 protected:
  absl::StatusOr<BuildkitAddress> Parse(const std::string& host) {
    return ParseBuildkitHost(host,
                             [&](absl::string_view name) { return variables_[std::string(name)]; });
  }
  void WriteTlsFile(const std::string& name) { std::ofstream(tls_.path() / name) << name; }

  TempDirectory tls_;
  std::map<std::string, std::string> variables_;
};

TEST_F(ParseBuildkitHostTest, ReadsSocketsAndPorts) {
  EXPECT_EQ(Parse("unix:///run/b.sock")->ToString(), "BuildKit at unix:///run/b.sock");
  EXPECT_EQ(Parse("tcp://b.example:5000")->ToString(), "BuildKit at tcp://b.example:5000");
  EXPECT_EQ(Parse("tcp://b.example")->endpoint.port, 1234);
  EXPECT_FALSE(Parse("tcp://b.example")->in_engine);
}

TEST_F(ParseBuildkitHostTest, RefusesOtherAddressesSayingWhatIsAccepted) {
  for (const char* host : {"kube-pod://x", "b.example:1234", "tcp://", "unix://b.sock"}) {
    const absl::Status status = Parse(host).status();

    EXPECT_EQ(ReasonOf(status), Reason::kConfiguration) << host;
    EXPECT_THAT(HintsOf(status).front(), HasSubstr("tcp://host[:port]")) << host;
  }
}

TEST_F(ParseBuildkitHostTest, TakesTheFilesForTlsFromAFolder) {
  for (const char* name : {"ca.pem", "cert.pem", "key.pem"}) WriteTlsFile(name);
  variables_ = {{"BUILDKIT_TLS_DIR", tls_.path()}, {"BUILDKIT_TLS_SERVER_NAME", "builder"}};

  const absl::StatusOr<BuildkitAddress> address = Parse("tcp://b.example");

  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->endpoint.tls->authority, tls_.path() / "ca.pem");
  EXPECT_EQ(address->endpoint.tls->certificate, tls_.path() / "cert.pem");
  EXPECT_EQ(address->endpoint.tls->key, tls_.path() / "key.pem");
  EXPECT_EQ(address->endpoint.tls->server_name, "builder");
}

TEST_F(ParseBuildkitHostTest, NeedsNoCertificateOfTheClient) {
  WriteTlsFile("ca.pem");
  variables_["BUILDKIT_TLS_DIR"] = tls_.path();

  EXPECT_EQ(Parse("tcp://b.example")->endpoint.tls->certificate, "");
}

TEST_F(ParseBuildkitHostTest, NamesTheFileThatIsMissing) {
  variables_["BUILDKIT_TLS_DIR"] = tls_.path();
  EXPECT_THAT(Parse("tcp://b.example").status().message(), HasSubstr("ca.pem"));

  WriteTlsFile("ca.pem");
  WriteTlsFile("cert.pem");
  EXPECT_THAT(Parse("tcp://b.example").status().message(), HasSubstr("key.pem"));
}

TEST_F(ParseBuildkitHostTest, ASocketNeedsNoTls) {
  variables_["BUILDKIT_TLS_DIR"] = "/nowhere";

  EXPECT_FALSE(Parse("unix:///run/b.sock")->endpoint.tls.has_value());
}

}  // namespace
}  // namespace nopo
