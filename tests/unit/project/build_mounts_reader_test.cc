#include "daemon/project/build_mounts_reader.h"

#include "gmock/gmock.h"
#include "temporary_project.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// The build of a target `web` that says `build`, beside a Dockerfile.
BuildSettings Load(TemporaryProject& project, const std::string& build) {
  project.Write("nopo.yml", "name: Shop\nos: {base: {image: alpine}}\n");
  project.Write("apps/web/Dockerfile", "FROM scratch\n");
  project.Write("apps/web/nopo.yml", "infrastructure: {}\nbuild: " + build + "\n");
  const std::shared_ptr<const Project> loaded = project.Load();
  const Target* web = loaded->FindTarget("web");
  return web == nullptr || !web->build.has_value() ? BuildSettings() : *web->build;
}

std::string MistakesOf(const std::string& build) {
  TemporaryProject project;
  project.Write("nopo.yml", "name: Shop\nos: {base: {image: alpine}}\n");
  project.Write("apps/web/Dockerfile", "FROM scratch\n");
  project.Write("apps/web/nopo.yml", "infrastructure: {}\nbuild: " + build + "\n");
  return project.Mistakes();
}

TEST(BuildMountsReaderTest, ReadsSecretsFromFilesAndVariables) {
  TemporaryProject project;

  const auto secrets =
      Load(project, "{secrets: [{id: a, src: ../a}, {id: b, file: ~/b}, {id: c, environment: C}]}")
          .secrets;

  ASSERT_THAT(secrets, SizeIs(3));
  EXPECT_EQ(secrets[0].id, "a");
  EXPECT_EQ(secrets[0].file, project.root() / "apps/a");
  EXPECT_EQ(secrets[1].file, "~/b");
  EXPECT_EQ(secrets[2].variable, "C");
}

TEST(BuildMountsReaderTest, ANameAloneIsAVariable) {
  TemporaryProject project;

  const auto secrets = Load(project, "{secrets: [TOKEN]}").secrets;

  ASSERT_THAT(secrets, SizeIs(1));
  EXPECT_EQ(secrets[0].id, "TOKEN");
  EXPECT_EQ(secrets[0].variable, "TOKEN");
}

TEST(BuildMountsReaderTest, ReadsSshAgents) {
  TemporaryProject project;

  const auto agents = Load(project, "{ssh: [default, deploy=/run/agent]}").ssh_agents;

  ASSERT_THAT(agents, SizeIs(2));
  EXPECT_EQ(agents[0].id, "default");
  EXPECT_EQ(agents[0].socket, "");
  EXPECT_EQ(agents[1].id, "deploy");
  EXPECT_EQ(agents[1].socket, "/run/agent");
}

TEST(BuildMountsReaderTest, SaysWhatIsAccepted) {
  EXPECT_THAT(MistakesOf("{secrets: [{id: a}]}"), HasSubstr("build.secrets[0]"));
  EXPECT_THAT(MistakesOf("{secrets: [{id: a, src: b, environment: C}]}"), HasSubstr("{id, src}"));
  EXPECT_THAT(MistakesOf("{secrets: [a, a]}"), HasSubstr("ids that differ"));
  EXPECT_THAT(MistakesOf("{ssh: [deploy]}"), HasSubstr("ID=SOCKET"));
}

}  // namespace
}  // namespace nopo
