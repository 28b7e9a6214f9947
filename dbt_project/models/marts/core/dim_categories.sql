with recursive

listed as (

    select * from {{ ref('product_categories') }}

),

products as (

    select
        coalesce(category, 'unknown') as category,
        count(*) as product_count

    from {{ ref('dim_products') }}

    group by coalesce(category, 'unknown')

),

-- A category that the tree does not have yet stands at the top until somebody files it.
nodes as (

    select
        listed.parent_category,
        listed.name_en,
        listed.name_zh_hant,
        listed.name_zh_hans,
        coalesce(listed.category, products.category) as category,
        listed.category is not null as is_filed,
        coalesce(products.product_count, 0) as product_count

    from listed

    full outer join products on listed.category = products.category

),

tree as (

    select
        category,
        category as root_category,
        category as category_path,
        1 as category_level

    from nodes

    where parent_category is null

    union all

    select
        nodes.category,
        tree.root_category,
        tree.category_path || ' > ' || nodes.category as category_path,
        tree.category_level + 1 as category_level

    from tree

    inner join nodes on tree.category = nodes.parent_category

),

final as (

    select
        nodes.category,
        nodes.parent_category,
        tree.category_level,
        tree.root_category,
        tree.category_path,
        nodes.product_count,
        nodes.is_filed,
        coalesce(nodes.name_en, nodes.category) as name_en,
        coalesce(nodes.name_zh_hant, nodes.category) as name_zh_hant,
        coalesce(nodes.name_zh_hans, nodes.category) as name_zh_hans

    from nodes

    inner join tree on nodes.category = tree.category

)

select * from final
