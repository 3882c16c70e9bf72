#include "daemon/operations/buildx_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/error.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class BuildxBuilderTest : public testing::Test {
 protected:
  BuildxBuilderTest() {
    std::string name = (fs::temp_directory_path() / "nopo-buildx-XXXXXX").native();
    folder_ = ::mkdtemp(name.data());
    fs::create_directories(folder_ / "buildx/instances");
  }
  ~BuildxBuilderTest() override { fs::remove_all(folder_); }

  void Write(const std::string& builder, const std::string& json) {
    std::ofstream(folder_ / "buildx/instances" / builder) << json;
  }
  absl::StatusOr<BuildxBuilder> Find(const std::string& name) {
    return FindBuildxBuilder(name, [this](absl::string_view variable) {
      return variable == "DOCKER_CONFIG" ? folder_.string() : "";
    });
  }

  fs::path folder_;
};

TEST_F(BuildxBuilderTest, ARemoteOneIsAnAddress) {
  Write("far", R"({"Name":"far","Driver":"remote","Nodes":[
      {"Name":"far0","Endpoint":"tcp://10.0.0.1:9999","DriverOpts":null}]})");

  const auto builder = Find("far");

  ASSERT_TRUE(builder.ok()) << builder.status();
  ASSERT_TRUE(builder->address.has_value());
  EXPECT_EQ(builder->address->endpoint.ToString(), "tcp://10.0.0.1:9999");
  EXPECT_FALSE(builder->address->in_engine);
  EXPECT_FALSE(builder->address->endpoint.tls.has_value());
}

TEST_F(BuildxBuilderTest, ARemoteOneMayHaveCertificates) {
  const std::string authority = (folder_ / "ca.pem").string();
  std::ofstream(authority) << "x";
  const auto json = [](const std::string& file) {
    return R"({"Driver":"remote","Nodes":[{"Endpoint":"tcp://10.0.0.1",
        "DriverOpts":{"cacert":")" +
           file + R"(","servername":"far"}}]})";
  };
  Write("far", json(authority));
  Write("broken", json("/nowhere/ca.pem"));

  const auto builder = Find("far");

  ASSERT_TRUE(builder.ok()) << builder.status();
  const Endpoint& endpoint = builder->address->endpoint;
  EXPECT_EQ(endpoint.port, 1234);
  ASSERT_TRUE(endpoint.tls.has_value());
  EXPECT_EQ(endpoint.tls->authority, authority);
  EXPECT_EQ(endpoint.tls->server_name, "far");
  EXPECT_THAT(Find("broken").status().message(), HasSubstr("cannot read /nowhere/ca.pem"));
}

TEST_F(BuildxBuilderTest, TheEnginesOwnNeedsNoAddress) {
  Write("own", R"({"Driver":"docker","Nodes":[{"Endpoint":"default"}]})");
  for (const char* name : {"default", "own"}) {
    const auto builder = Find(name);
    ASSERT_TRUE(builder.ok()) << builder.status();
    EXPECT_FALSE(builder->address.has_value());
    EXPECT_EQ(builder->why_not, "");
  }
}

TEST_F(BuildxBuilderTest, OneInAContainerIsThatContainer) {
  Write("box", R"({"Driver":"docker-container","Nodes":[{"Name":"box0","Endpoint":"default"}]})");

  EXPECT_EQ(Find("box")->container, "buildx_buildkit_box0");
}

TEST_F(BuildxBuilderTest, SaysWhyOneIsNotUsed) {
  Write("pod", R"({"Driver":"kubernetes","Nodes":[{"Endpoint":"x"}]})");

  EXPECT_EQ(Find("pod")->why_not, "its driver is 'kubernetes'");
  EXPECT_EQ(Find("unknown")->why_not, "buildx knows no such builder");
}

TEST_F(BuildxBuilderTest, RefusesWhatCannotBeRead) {
  Write("broken", "{");
  Write("nowhere", R"({"Driver":"remote","Nodes":[{"Endpoint":"kube-pod://x"}]})");
  Write("empty", R"({"Driver":"remote","Nodes":[]})");
  Write("hollow", R"({"Driver":"docker-container","Nodes":[]})");

  for (const char* name : {"broken", "nowhere", "empty", "hollow", "../x", ".."}) {
    EXPECT_EQ(ReasonOf(Find(name).status()), Reason::kConfiguration) << name;
  }
  EXPECT_THAT(Find("nowhere").status().message(),
              HasSubstr("DOCKER_BUILDER=nowhere: its endpoint 'kube-pod://x' is no address"));
}

}  // namespace
}  // namespace nopo
